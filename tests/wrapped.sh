#!/usr/bin/env bash
# Runs a test program, under valgrind where the test setup says so.
# which sees more of what leaks than GStreamer's tracer
[[ -z ${AFRING_WRAPPER-} ]] || unset GST_TRACERS
exec ${AFRING_WRAPPER-} "$@"
