#!/usr/bin/env python3
"""The guide and the reference of the library as one site, by gi-docgen.

site.py GI-DOCGEN SOURCE-TREE GIR OUTPUT [--check]
With --check no symbol may be without documentation, and no link may lead nowhere.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

gi_docgen, source, gir, output = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
checking = '--check' in sys.argv

CONFIG = '''
[library]
version = "{version}"
license = "LGPL-2.1-or-later"
authors = "The gst-afring developers"
description = "Packet capture over AF_PACKET rings for GStreamer"
dependencies = ["Gst-1.0", "Gio-2.0"]

[dependencies."Gst-1.0"]
name = "GStreamer"
description = "Pipelines"
docs_url = "https://gstreamer.freedesktop.org/documentation/gstreamer/"

[dependencies."Gio-2.0"]
name = "GIO"
description = "GObject interfaces and objects"
docs_url = "https://docs.gtk.org/gio/"

[theme]
name = "basic"
show_index_summary = true

[extra]
content_files = {pages}
content_images = {pictures}
'''


def read_pages():
    """Name to text: the guide, and what it begins with."""
    pages = {'guide': source / 'docs' / 'README.md', 'start': source / 'README.md'}
    for path in sorted((source / 'docs').glob('*.md')):
        if path.name != 'README.md':
            pages[path.stem] = path
    return pages


def turn_link(match, pages, path):
    """From a file of the tree to a page of the site; of what is no page only the words stay."""
    words, target, anchor = match[1], match[2], match[3] or ''
    if target.startswith(('http:', 'https:')) or not target:
        return match[0]
    file = (path.parent / target).resolve()
    for name, page in pages.items():
        if page.resolve() == file:
            return f'[{words}]({name}.html{anchor})'
    if file.suffix in ('.svg', '.png'):
        return f'[{words}]({file.name})'
    return words


def write_pages(pages, folder):
    for name, path in pages.items():
        text = path.read_text()
        title = re.match(r'# (.*)', text)[1]
        text = re.sub(r'\[([^][]*)\]\(([^)#\s]*)(#[^)\s]*)?\)',
                      lambda match, path=path: turn_link(match, pages, path), text)
        text = text.split('\n', 1)[1]
        (folder / f'{name}.md').write_text(f'Title: {title}\nSlug: {name}\n\n{text}')


class Links(html.parser.HTMLParser):
    """Where a page leads, and what in it can be led to."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.anchors = set(), set()
        self.feed(text)

    def handle_starttag(self, _tag, attributes):
        for name, value in attributes:
            if name in ('href', 'src') and value:
                self.targets.add(value)
            elif name == 'id':
                self.anchors.add(value)


def find_broken(folder):
    pages = {path.name: Links(path.read_text()) for path in folder.glob('*.html')}
    for name, page in sorted(pages.items()):
        for target in sorted(page.targets):
            file, _, anchor = target.partition('#')
            if re.match(r'\w+:', target) or not target:
                continue
            if file and not (folder / file).exists():
                yield f'{name}: {target}: there is no such file'
            elif anchor and (file or name) in pages \
                    and anchor not in pages[file or name].anchors:
                yield f'{name}: {target}: there is no such place'


def main():
    pages = read_pages()
    pictures = sorted(path for suffix in ('svg', 'png')
                      for path in (source / 'docs').glob(f'*.{suffix}'))
    version = re.search(r"version : '([^']+)'", (source / 'meson.build').read_text())[1]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_pages(pages, folder)
        for picture in pictures:
            shutil.copy(picture, folder)
        config = folder / 'site.toml'
        config.write_text(CONFIG.format(
            version=version, pages=json.dumps([f'{name}.md' for name in pages]),
            pictures=json.dumps([picture.name for picture in pictures])))
        if checking:
            subprocess.run([gi_docgen, 'check', '--fatal-warnings', '--config', config, gir],
                           check=True)
        subprocess.run([gi_docgen, 'generate', '--quiet', '--config', config,
                        '--content-dir', folder, '--output-dir', output, '--no-namespace-dir',
                        gir], check=True)
    broken = list(find_broken(output)) if checking else []
    print('\n'.join(broken) or f'{output / "index.html"}')
    sys.exit(bool(broken))


main()
