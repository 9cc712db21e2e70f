#!/usr/bin/env bash
# Runs a test program, under valgrind where the test setup says so.
exec ${AFRING_WRAPPER-} "$@"
