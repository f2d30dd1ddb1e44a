"""The rules of a recorded run, compiled from the texts that its journal holds, not from what the files are now."""

from __future__ import annotations

import attrs

from ..dsl.compile import Compilation, compile_files
from ..dsl.imports import Found, NotFound
from ..dsl.library import FileLoader
from ..dsl.parameters import Setting
from ..dsl.registered_calls import Actions
from ..dsl.source import SourceFile
from .event.reload import RuleTexts


@attrs.frozen
class TextLoader:
    """Finds used files among texts by path; a way from one file to another is what it is on the disk."""

    texts: RuleTexts
    _files: FileLoader = attrs.field(factory=FileLoader)

    def identity(self, path: str) -> str:
        return self._files.identity(path)

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        return self._files.locate(target, importer)

    def read(self, path: str) -> Found | NotFound:
        text = self.texts.texts.get(path)
        if text is None:
            return NotFound(f"the journal holds no file `{path}`", "replay with the rules themselves: name their files")
        return Found(SourceFile(path, text))


def compile_texts(texts: RuleTexts, parameters: dict[str, Setting], actions: Actions = None) -> Compilation:
    """Compiles recorded texts. `parameters` are of the run: those that these rules do not know are passed over."""
    sources = [SourceFile(path, texts.texts[path]) for path in texts.given]
    return compile_files(
        sources, parameters=parameters, optional=parameters.keys(), loader=TextLoader(texts), actions=actions
    )
