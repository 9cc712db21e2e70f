#!/usr/bin/env python3
"""Every link of the documentation leads to something.

check-links.py SOURCE BUILD looks at the pages of the source tree, then installs
BUILD into a folder of its own and looks at those that are installed. A link is to a
file beside the page, to a heading, or to both.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r'^```.*?^```', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^()\s]+)\)')
HEADING = re.compile(r'^#+ +(.+?) *$', re.MULTILINE)


def read(page):
    return FENCE.sub('', page.read_text())


def anchors(page):
    """As the common renderers of Markdown make them of headings."""
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')
            for heading in HEADING.findall(read(page))}


def broken_links(page):
    for link in LINK.findall(read(page)):
        if re.match(r'[a-z]+:', link):
            continue
        name, _, anchor = link.partition('#')
        target = page.parent / name if name else page
        if not target.exists():
            yield f'{page}: {link}: there is no such file'
        elif anchor and anchor not in anchors(target):
            yield f'{page}: {link}: there is no such heading'


def check(pages):
    broken = [text for page in pages for text in broken_links(page)]
    print(*broken, sep='\n', end='\n' if broken else '')
    print(f'{len(pages)} pages, {len(broken)} broken links')
    return len(pages) > 0 and not broken


source, build = map(pathlib.Path, sys.argv[1:])
ok = check([source / 'README.md', *sorted((source / 'docs').glob('*.md'))])
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet',
                    '--destdir', folder], check=True,
                   stdout=subprocess.DEVNULL)
    installed = sorted(pathlib.Path(folder).glob('**/share/doc/**/*.md'))
    ok = check(installed) and ok
    missing = {page.name for page in (source / 'docs').iterdir()
               if page.suffix in ('.md', '.svg')} - {
                   page.name for page in pathlib.Path(folder).glob(
                       '**/share/doc/**/docs/*')}
    if missing:
        print('not installed:', *sorted(missing))
sys.exit(not ok or bool(missing))
