# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands of a page, one by one, as somebody copies them."""

import re
import shlex
import typing


class Statement(typing.NamedTuple):
    page: str
    line: int
    text: str

    def __str__(self):
        return f'{self.page}:{self.line}'


def is_whole(text):
    if text.endswith('\\'):
        return False
    try:
        shlex.split(text, comments=True)
    except ValueError:          # a quote is open
        return False
    return True


def split(page, first, lines):
    """Those of a block; comments and empty lines are none."""
    text, start = '', 0
    for number, line in enumerate(lines, first):
        if not text and (not line.strip() or line.lstrip().startswith('#')):
            continue
        start = start if text else number
        text += ('\n' if text else '') + line
        if is_whole(text):
            yield Statement(page, start, text)
            text = ''
    assert not text, f'{page}:{start}: not a whole command'


def read(folder, page, language='sh'):
    """All statements of the blocks of a page."""
    lines = (folder / page).read_text().splitlines()
    block, first, indent = None, 0, ''
    for number, line in enumerate(lines, 1):
        if block is None:
            start = re.fullmatch(rf'( *)```{language}', line)
            if start:
                block, first, indent = [], number + 1, start[1]
        elif line == indent + '```':
            yield from split(page, first, block)
            block = None
        else:
            block.append(line.removeprefix(indent))


def read_program(folder, page, name):
    """The block behind the first mention of a file of that name."""
    text = (folder / page).read_text()
    code = re.search(r'```\w+\n(.*?)```', text[text.index(f'`{name}`'):],
                     re.DOTALL)
    return code[1]
