"""
What a template may do, looked at before it is saved and before it is compiled.

An allow-list over Jinja2's syntax tree: name variables, ask whether one is there, choose a plural
form, go through a list. Nothing is called, indexed, calculated, set or included, so there is
nothing in it for the sandbox to catch; it runs in one all the same.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from backend.templating.language import known_forms, needed_forms
from backend.templating.markup import markup_fault
from backend.templating.model import Kind, Texts, Variable
from backend.templating.values import LISTED

PLURAL = "plural"
DEEPEST = 4
LONGEST = {"title": 1_000, "body": 2_000, "subject": 1_000, "text": 8_000, "html": 12_000}
ONE_LINE = ("title", "body", "subject")
_INERT = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_BUILDS_NOTHING = "may name variables, ask for them, choose plural forms, go through lists"


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong with a part of a template: a stable code and a sentence."""

    part: str
    code: str
    detail: str


class _Refused(Exception):
    def __init__(self, detail: str, code: str = "invalid-template") -> None:
        super().__init__(detail)
        self.code = code


def parts_of(texts: Texts) -> dict[str, str]:
    """Return the parts of a template that are there, by name."""
    parts = {name: getattr(texts, name) for name in LONGEST}
    return {name: source for name, source in parts.items() if source is not None}


def faults_of(
    texts: Texts, variables: Mapping[str, Variable], language: str
) -> list[TemplateFault]:
    """Return what is wrong with a template in one language; nothing: it can be rendered."""
    found = []
    for part, source in parts_of(texts).items():
        try:
            _Check(variables, language, part).look(source)
        except _Refused as refusal:
            found.append(TemplateFault(part, refusal.code, str(refusal)))
    return found


@dataclass(frozen=True, slots=True)
class _Check:
    """One part of a template. `entry` is the name of what a list is gone through with."""

    variables: Mapping[str, Variable]
    language: str
    part: str
    entry: str | None = None
    depth: int = 0

    def look(self, source: str) -> None:
        if len(source) > LONGEST[self.part]:
            raise _Refused(f"It is longer than {LONGEST[self.part]} characters.")
        _check_characters(source, one_line=self.part in ONE_LINE)
        try:
            tree = _environment.parse(source)
        except TemplateSyntaxError as error:
            raise _Refused(f"Line {error.lineno}: {error.message}") from error
        except RecursionError as error:
            raise _Refused("It is nested too deeply.") from error
        self._all(tree.body)
        if not any(tree.find_all((nodes.TemplateData, nodes.Name))):
            raise _Refused("It says nothing.")
        if self.part == "html" and (fault := markup_fault(tree.body, self._is_link)):
            raise _Refused(fault, "invalid-markup")

    def _all(self, body: Sequence[nodes.Node]) -> None:
        if self.depth > DEEPEST:
            raise _Refused("It is nested too deeply.")
        for node in body:
            match node:
                case nodes.Output():
                    for each in node.nodes:
                        self._said(each)
                case nodes.If():
                    self._condition(node)
                case nodes.For():
                    self._list(node)
                case _:
                    raise _Refused(f"A template {_BUILDS_NOTHING}, and nothing else.")

    def _said(self, node: nodes.Node) -> None:
        match node:
            case nodes.TemplateData():
                return
            case nodes.Name(name=name):
                if self._kind(name) is Kind.LIST:
                    raise _Refused(f"`{name}` is a list: go through it with `for`.")
            case nodes.Getattr():
                self._of_entry(node)
            case nodes.Filter():
                self._plural(node)
            case _:
                raise _Refused(f"A template {_BUILDS_NOTHING}, and nothing else.")

    def _condition(self, node: nodes.If) -> None:
        test = node.test.node if isinstance(node.test, nodes.Not) else node.test
        match test:
            case nodes.Name(name=name):
                self._kind(name)
            case nodes.Getattr():
                self._of_entry(test)
            case _:
                raise _Refused("`if` asks whether a variable is there, or is not.")
        inner = replace(self, depth=self.depth + 1)
        for body in (node.body, node.elif_, node.else_):
            inner._all(body)  # noqa: SLF001 - our own, one level down.

    def _list(self, node: nodes.For) -> None:
        if self.part in ONE_LINE or self.entry is not None:
            raise _Refused("`for` goes through a list, in `text` and `html`, not within another.")
        is_plain = not (node.else_ or node.test or node.recursive)
        if not is_plain or not isinstance(node.iter, nodes.Name):
            raise _Refused("`for` takes each entry of a list, without conditions.")
        if self._kind(node.iter.name) is not Kind.LIST:
            raise _Refused(f"`{node.iter.name}` is no list.")
        if not isinstance(node.target, nodes.Name) or node.target.name in self.variables:
            raise _Refused("An entry needs one name, which no variable has.")
        inner = replace(self, depth=self.depth + 1, entry=node.target.name)
        inner._all(node.body)  # noqa: SLF001 - our own, one level down.

    def _of_entry(self, node: nodes.Getattr) -> None:
        owner = node.node.name if isinstance(node.node, nodes.Name) else None
        if owner is None or owner != self.entry or node.attr not in LISTED:
            raise _Refused(f"Only an entry of a list has parts: {', '.join(LISTED)}.")

    def _plural(self, node: nodes.Filter) -> None:
        number = node.node
        if node.name != PLURAL or node.args or node.dyn_args or node.dyn_kwargs:
            raise _Refused(f"The only filter is `{PLURAL}(one=…, other=…)`.")
        if not isinstance(number, nodes.Name) or self._kind(number.name) is not Kind.NUMBER:
            raise _Refused(f"`{PLURAL}` is for a number.")
        given: set[str] = set()
        for pair in node.kwargs:
            if not isinstance(pair.value, nodes.Const) or not isinstance(pair.value.value, str):
                raise _Refused("A plural form is a text in quotes.")
            _check_characters(pair.value.value, one_line=True)
            given.add(str(pair.key))
        if lacking := sorted(needed_forms(self.language) - given):
            raise _Refused(f"The plural forms {lacking} are missing.", "missing-plural")
        if unknown := sorted(given - known_forms(self.language)):
            raise _Refused(f"This language has no plural forms {unknown}.")

    def _kind(self, name: str) -> Kind:
        if name == self.entry:
            raise _Refused(f"Say which part of `{name}`: {', '.join(LISTED)}.")
        variable = self.variables.get(name)
        if variable is None:
            takes = ", ".join(sorted(self.variables))
            raise _Refused(f"`{name}` is no variable of it: {takes}.", "unknown-variable")
        return variable.kind

    def _is_link(self, node: nodes.Node) -> bool:
        match node:
            case nodes.Name(name=name):
                return name in self.variables and self.variables[name].kind is Kind.LINK
            case nodes.Getattr(attr="link"):
                return True
        return False


def _check_characters(text: str, *, one_line: bool) -> None:
    for character in _inert(text):
        if character != "\n" or one_line:
            raise _Refused(
                f"The character U+{ord(character):04X} shows nothing, or turns what is shown."
            )


def _inert(text: str) -> Iterator[str]:
    return (each for each in text if unicodedata.category(each) in _INERT)


def _unused(*_: object, **__: object) -> str:
    raise AssertionError("parsed only")


# For parsing alone: it knows the one filter, so that an unknown one is told apart by us.
_environment = ImmutableSandboxedEnvironment()
_environment.filters = {PLURAL: _unused}
