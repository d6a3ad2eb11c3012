"""Collects from the sources what translators are given: `python -m bot.i18n.extraction`.

Sentences are the literal first arguments of `Sentence(...)`. The words of commands stand as plain
text where the library wants them: in decorators, and in the heads of classes.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.i18n.catalogues import FOLDER, MENU, NAME, languages, read_catalogue

ROOT = Path(__file__).parents[2]
STAND_INS = ROOT / "bot" / "local"
_PLACE = re.compile(r"\{.*?\}")
_LINE_CHARACTERS = 96
_HEAD = r"""# Words in braces, such as {{voice}}, are filled in: they stay. So does Markdown.
msgid ""
msgstr ""
"Language: {language}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: {plurals}\n"

"""
_CONTEXTS = {"command": NAME, "Command": NAME, "Group": NAME, "GroupCog": NAME, "ContextMenu": MENU}

Message = tuple[str | tuple[str, ...], str | None]
"""Words with those for several, if there are, and the context."""


def messages() -> Catalog:
    """Collect all that there is to translate."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted((*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/*.py"))):
        if STAND_INS not in path.parents:
            for words, context in words_in(path.read_text(encoding="utf-8")):
                place = path.relative_to(ROOT).as_posix()
                catalogue.add(words, locations=[(place, 0)], context=context)
    return catalogue


def words_in(source: str) -> Iterator[Message]:
    """Find what is to be translated in one module."""
    tree = ast.parse(source)
    constants = _constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node, constants)
        elif isinstance(node, ast.ClassDef) and "GroupCog" in map(_name, node.bases):
            yield from _of_command("GroupCog", node.keywords, constants)


def _constants(tree: ast.Module) -> dict[str, str]:
    """Give the texts that have a name in the module."""
    return {
        target.id: text
        for node in tree.body
        if isinstance(node, ast.Assign) and (text := _text(node.value, {})) is not None
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _in_call(call: ast.Call, constants: dict[str, str]) -> Iterator[Message]:
    name = _name(call.func)
    if name == "Sentence":
        texts = [text for each in call.args if (text := _text(each, {})) is not None]
        if any(char.isalpha() for text in texts for char in _PLACE.sub("", text)):
            yield (texts[0] if len(texts) == 1 else tuple(texts)), None
    elif name == "describe":
        for option in call.keywords:
            text = _text(option.value, constants)
            if option.arg is not None and text is not None:
                yield option.arg, NAME
                yield text, None
    elif name == "_menu" and call.args and (text := _text(call.args[0], constants)) is not None:
        yield text, MENU
    elif name in _CONTEXTS:
        yield from _of_command(name, call.keywords, constants)


def _of_command(
    kind: str, keywords: list[ast.keyword], constants: dict[str, str]
) -> Iterator[Message]:
    for keyword in keywords:
        text = _text(keyword.value, constants)
        if keyword.arg in {"name", "description"} and text is not None:
            yield text, _CONTEXTS[kind] if keyword.arg == "name" else None


def _name(node: ast.expr) -> str:
    """Name what is called or inherited, without its module."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return getattr(node, "attr", getattr(node, "id", ""))


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def update(language: str) -> None:
    """Bring a catalogue up to date: new sentences without words, those no longer said left out."""
    catalogue = read_catalogue(language)
    catalogue.update(messages(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    save(language, catalogue)


def save(language: str, catalogue: Catalog) -> None:
    """Write a catalogue, with no more of a head than is needed: no dates, no versions."""
    with (FOLDER / f"{language}.po").open("wb") as file:
        file.write(_HEAD.format(language=language, plurals=catalogue.plural_forms).encode())
        write_po(file, catalogue, width=_LINE_CHARACTERS, include_lineno=False, omit_header=True)


if __name__ == "__main__":
    for each in languages():
        update(each)
