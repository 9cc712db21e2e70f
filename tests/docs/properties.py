"""The property tables of docs/ say what the elements say: all of the properties, their
types, defaults, and whether they can be changed while PLAYING.

properties.py DOCS
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import sys

try:
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import GObject, Gst
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

Gst.init(None)
MUTABLE_PLAYING = 1 << (GObject.PARAM_USER_SHIFT + 4)
# what its page says in a sentence
AS = {'afringmocksrc': 'afringsrc'}
ROW = re.compile(r'^\| ((?:`[a-z0-9-]+`(?: \(P\))?(?:, )?)+) \| ([^|]+) \|')
TYPES = {'gchararray': 'string', 'guint': 'uint', 'gint': 'int', 'guint64': 'uint64',
         'gint64': 'int64', 'gboolean': 'boolean', 'gdouble': 'double'}


def get_documented(page):
    """Of the tables that begin with a column called property: name to (P) and words."""
    documented, inside = {}, False
    for line in page.read_text().splitlines():
        if re.match(r'\| property ', line):
            inside = True
        elif not line.startswith('|'):
            inside = False
        elif inside and (row := ROW.match(line)):
            for name, playing in re.findall(r'`([a-z0-9-]+)`( \(P\))?', row[1]):
                documented[name] = bool(playing), row[2].strip()
    return documented


def is_of_element(pspec):
    return pspec.owner_type.name not in (
        'GstObject', 'GstElement', 'GstBaseSrc', 'GstBaseSink', 'GstBaseTransform',
        'GstPushSrc', 'GstBaseParse')


def describe(element, pspec):
    """As the tables have it."""
    kind = pspec.value_type
    if kind.is_a(GObject.TYPE_ENUM):    # of a new element, which has the default
        return f'enum, {element.get_property(pspec.name).value_nick}'
    if kind.is_a(GObject.TYPE_FLAGS):
        nicks = element.get_property(pspec.name).value_nicks
        return f'flags, {"all" if "all" in nicks else "+".join(nicks)}'
    name = TYPES.get(kind.name, kind.name)
    if not pspec.flags & GObject.ParamFlags.WRITABLE:
        return f'{name}, read'
    if name == 'double':
        return f'{name}, {pspec.default_value:g}'
    if name == 'boolean':
        return f'{name}, {"TRUE" if pspec.default_value else "FALSE"}'
    if name not in TYPES.values() or pspec.default_value is None:
        return f'{name}, NULL'
    return f'{name}, {pspec.default_value}'


def is_stopped_only(pspec):
    return not pspec.flags & MUTABLE_PLAYING


def get_words(words):
    """What stands there without its explanation: a list of values, and the default."""
    words = words.replace('`', '').split(' (')[0]
    return 'enum, ' + words.split('; ')[1] if '; ' in words else words


def compare(element, documented, elsewhere):
    wrong = []
    pspecs = {pspec.name: pspec for pspec in element.list_properties()}
    for name, pspec in pspecs.items():
        if is_of_element(pspec) and name not in documented | elsewhere:
            wrong.append(f'{name} is not there')
    for name, (playing, words) in documented.items():
        if name not in pspecs:
            wrong.append(f'{name} is none of its properties')
            continue
        pspec = pspecs[name]
        says = describe(element, pspec)
        if get_words(words) != says:
            wrong.append(f'{name}: "{words}", and it is "{says}"')
        if pspec.flags & GObject.ParamFlags.WRITABLE \
                and playing == is_stopped_only(pspec):
            wrong.append(f'{name}: (P) is wrong')
    return wrong


def main():
    failed = False
    for page in sorted(pathlib.Path(sys.argv[1]).glob('*.md')):
        element = Gst.ElementFactory.make(page.stem)
        if element is None:
            continue
        elsewhere = (get_documented(page.with_stem(AS[page.stem]))
                     if page.stem in AS else {})
        wrong = compare(element, get_documented(page), elsewhere)
        print(page.name, 'ok' if not wrong else wrong)
        failed |= bool(wrong)
    sys.exit(failed)


main()
