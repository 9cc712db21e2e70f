"""The pages of docs/ say what the elements say: all of the properties, their types,
defaults, and whether they can be changed while PLAYING; all signals with what they
take and return; the media types and the names of all pads.

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
# `name` (action; guint *what*, GstPad), returns a string
SIGNAL = re.compile(r'^\| `([a-z-]+)`(?: \(([^)]*)\))?(?:, returns (?:an? )?(\w+))? \|')
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


def get_documented_signals(page):
    """Name to whether it is an action, its parameters' types and its return type."""
    documented, inside = {}, False
    for line in page.read_text().splitlines():
        if re.match(r'\| signal ', line):
            inside = True
        elif not line.startswith('|'):
            inside = False
        elif inside and (row := SIGNAL.match(line)):
            words = [word.split()[0] for word in re.split('[;,] ', row[2] or '') if word]
            documented[row[1]] = ('action' in words,
                                  [word for word in words if word != 'action'],
                                  row[3] or 'void')
    return documented


def list_signals(element):
    name = lambda kind: TYPES.get(kind.name, kind.name).replace('uint', 'guint')
    for signal in GObject.signal_list_names(element):
        query = GObject.signal_query(signal, element)
        yield signal, (bool(query.signal_flags & GObject.SignalFlags.ACTION),
                       [name(kind) for kind in query.param_types],
                       name(query.return_type))


def compare_signals(element, documented):
    signals = dict(list_signals(element))
    return [f'signal {name}: {documented.get(name)}, and it is {signals.get(name)}'
            for name in sorted(signals.keys() | documented.keys())
            if documented.get(name) != signals.get(name)]


def compare_pads(element, text):
    """Media types and, of pads that come later, names are somewhere on the page."""
    wrong = []
    for template in element.get_factory().get_static_pad_templates():
        caps = template.get_caps()
        words = [] if caps.is_any() else [
            caps.get_structure(i).get_name() for i in range(caps.get_size())]
        if template.presence != Gst.PadPresence.ALWAYS:
            words.append(template.name_template)
        wrong += [f'{word} of the {template.direction.value_nick} pad is not there'
                  for word in words if f'`{word}' not in text]
    return wrong


def main():
    failed = False
    for page in sorted(pathlib.Path(sys.argv[1]).glob('*.md')):
        element = Gst.ElementFactory.make(page.stem)
        if element is None:
            continue
        also = page.with_stem(AS.get(page.stem, page.stem))
        elsewhere = get_documented(also)
        wrong = (compare(element, get_documented(page), elsewhere)
                 + compare_signals(element, get_documented_signals(page))
                 + compare_pads(element, page.read_text() + also.read_text()))
        print(page.name, 'ok' if not wrong else wrong)
        failed |= bool(wrong)
    sys.exit(failed)


main()
