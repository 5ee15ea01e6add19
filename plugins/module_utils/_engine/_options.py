# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the options as a user typed them, before Ansible converts them. Each complaint is one sentence with the
path of the wrong value.

Ansible's own checks come after these. They convert any value to text, give no index of a list, and propose no similar
name.
"""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.common import validation
from ansible_collections.netloom.linux.plugins.module_utils._model import _contents, _errors, _values, _words

Spec = t.Mapping[str, t.Any]

# Options of type str that may be numbers. In all others text that YAML read as something else is refused: what was
# written is lost (52:54:00:12:34:56 becomes one number, 010 becomes 8, no becomes false), so nobody can bring it back.
NUMBERS = frozenset({"table", "owner", "owner_group", "fwmark", "lease_time", "ttl", "value"})
INTERNAL = "_ansible_"  # the beginning of what Ansible itself hands to a module
# By types of options: that of a value that needs no conversion, and Ansible's function for all others.
OF_TYPE: t.Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict, "list": list}
CONVERT: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {
    "str": validation.check_type_str,
    "int": validation.check_type_int,
    "float": validation.check_type_float,
    "bool": validation.check_type_bool,
    "dict": validation.check_type_dict,
    "list": validation.check_type_list,
    "path": validation.check_type_path,
    "raw": validation.check_type_raw,
}
OF_ELEMENTS = ("options", "choices")  # what an option of a list says of each element
_SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that it cannot decode


def own_name(options: Spec, name: str) -> str:
    """The name of an option that an alias stands for: 'destination' for 'dst'."""
    if name in options:
        return name
    return next((own for own, option in options.items() if name in option.get("aliases", ())), name)


def judge(options: Spec, params: t.Any, what: str, path: str = "") -> None:
    """Refuse values that these options cannot have. ``what``: whose options they are; ``path``: their path, with a full
    stop unless it is empty.
    """
    where = f"{path[:-1]}: " if path else ""
    if not isinstance(params, dict):
        raise _errors.BadInput(f"{where}{_not_a_mapping(params, options)}")
    for key in params:
        if own_name(options, key) not in options and not str(key).startswith(INTERNAL):
            aliases = (alias for option in options.values() for alias in option.get("aliases", ()))
            raise _errors.BadInput(f"{where}{_words.unknown(key, what, [*options, *aliases])}")
    given = {own_name(options, key) for key in params}
    for name, option in options.items():
        if option.get("required") and name not in given:
            raise _errors.BadInput(f"{where}'{name}' is missing; {what} needs it.")
    for key, value in params.items():
        if value is None and options.get(own_name(options, key), {}).get("required"):
            raise _errors.BadInput(f"{path}{key}: is null, but it is required; give it a value.")
        if value is not None and not str(key).startswith(INTERNAL):
            _judge_value(options[own_name(options, key)], value, key, f"{path}{key}")


def converted(options: Spec, params: t.Mapping[str, t.Any], path: str = "") -> dict[str, t.Any]:
    """The options in their types, with the defaults of those that are left out: what Ansible's own validator makes of
    them, which copies everything and keeps books for messages that nobody gets to see. Raises BadInput.
    """
    given = {own_name(options, name): value for name, value in params.items()}
    for name in given:
        if name not in options:  # it is of another release
            raise _errors.BadInput(f"{path}{name}: there is no such option.")
    found: dict[str, t.Any] = {}
    for name, option in options.items():
        if name in given:
            found[name] = _convert(option, given[name], f"{path}{name}")
        elif option.get("required"):
            raise _errors.BadInput(f"{path}{name}: is missing; give it a value.")
        else:
            found[name] = option.get("default")
    return found


def _convert(option: Spec, value: t.Any, here: str) -> t.Any:
    """One value in the type of its option. Null says the same as nothing, where there is no default."""
    if value is None:
        if option.get("required"):
            raise _errors.BadInput(f"{here}: is null, but it is required; give it a value.")
        if option.get("choices") or option.get("default") is not None:
            raise _errors.BadInput(f"{here}: is null; give it a value, or leave it out.")
        return None
    sort = option.get("type", "str")
    found = _as_type(sort, value, here)
    if sort == "list":
        inner = {"type": option.get("elements", "raw"), **{key: option[key] for key in OF_ELEMENTS if key in option}}
        return [_convert(inner, one, f"{here}[{index}]") for index, one in enumerate(found)]
    if option.get("options"):
        found = converted(option["options"], found, f"{here}.")
    choices = option.get("choices")
    if choices and found not in choices:
        raise _errors.BadInput(f"{here}: {_words.impossible(found, choices)}")
    return found


def _as_type(sort: str, value: t.Any, here: str) -> t.Any:
    if value.__class__ is OF_TYPE.get(sort):  # exactly this one: a truth value is a number, too
        return value
    try:
        return CONVERT[sort](value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise _errors.BadInput(f"{here}: {_errors.quoted(error)}.") from error


def refuse_rules(rules: Spec, params: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse options that contradict or lack another option, as AnsibleModule's rules of these names say."""
    where = f"{path[:-1]}: " if path else ""
    for names in rules.get("mutually_exclusive", ()):
        found = [name for name in names if params.get(name) is not None]
        if len(found) > 1:
            raise _errors.BadInput(f"{where}'{found[0]}' and '{found[1]}' exclude each other; leave one of them out.")
    for name, value, needed in rules.get("required_if", ()):
        missing = [one for one in needed if params.get(one) is None]
        if params.get(name) == value and missing:
            raise _errors.BadInput(f"{where}'{missing[0]}' is missing; {name} '{value}' needs it.")


def refuse_undecodable(value: t.Any, path: str = "") -> None:
    """Refuse text with bytes that are not UTF-8, because Ansible cannot even log it."""
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        told = _contents.HIDDEN if _contents.FILES in path.split(".") else value
        raise _errors.BadInput(f"{path}: {_words.shown(told)} contains bytes that are not UTF-8; write it in UTF-8.")
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_undecodable(key, path or "an option")
            refuse_undecodable(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            refuse_undecodable(inner, f"{path}[{index}]")


def _judge_value(option: Spec, value: t.Any, name: str, here: str) -> None:
    sort = option.get("type", "str")
    if _values.is_template(value):
        return
    if sort != "list":
        _judge_one(option, sort, value, name, here)
        return
    if isinstance(value, str):  # Ansible splits it at its commas
        value = [value] if option.get("elements") == "dict" else value.split(",")
    elif not isinstance(value, (list, tuple)):
        told = _contents.left_out(value)
        raise _errors.BadInput(f"{here}: {_words.shown(told)} is not a list; write [{told or ''}].")
    _values.refuse_empty_template(value, here)
    for index, one in enumerate(value):
        # Ansible makes a string of anything: "['x']", "None".
        if option.get("elements") == "str" and not isinstance(one, (str, bool, int, float)):
            raise _errors.BadInput(f"{here}[{index}]: {_words.shown(one)} is not a string; give one.")
        _judge_one(option, option.get("elements", "raw"), one, name, f"{here}[{index}]")


def _judge_one(option: Spec, sort: str, value: t.Any, name: str, here: str) -> None:
    """Check one value of an option or of a list."""
    if _values.is_template(value):
        return
    if sort in ("str", "path"):
        _judge_text(value, name, here)
    elif sort in ("int", "float"):
        _judge_number(value, sort, here)
    elif sort == "bool" and not _converts(validation.check_type_bool, value):
        raise _errors.BadInput(f"{here}: {_words.shown(value)} is neither true nor false.")
    elif sort == "dict":
        # JSON, or key=value, as on a command line.
        if isinstance(value, str) and _converts(validation.check_type_dict, value):
            value = validation.check_type_dict(value)
        if option.get("options"):
            judge(option["options"], value, name, f"{here}.")
        elif not isinstance(value, dict):
            # The entries of a topology are read by their kinds later, each of which has a name.
            known: Spec | None = None if option.get("elements") == "dict" else {}
            raise _errors.BadInput(f"{here}: {_not_a_mapping(_contents.left_out(value, name), known)}")
    choices = option.get("choices") if sort == "str" else None
    if choices and value not in choices:
        raise _errors.BadInput(f"{here}: {_words.impossible(value, choices)}")


def _judge_text(value: t.Any, name: str, here: str) -> None:
    if name not in NUMBERS or isinstance(value, bool) or not isinstance(value, int):
        _values.refuse_converted(value, here)
    _values.refuse_nested(value, here)


def _judge_number(value: t.Any, sort: str, here: str) -> None:
    convert = validation.check_type_int if sort == "int" else validation.check_type_float
    if isinstance(value, bool) or not _converts(convert, value):
        raise _errors.BadInput(f"{here}: {_words.shown(value)} is not a {'whole ' if sort == 'int' else ''}number.")


def _converts(convert: t.Callable[[t.Any], t.Any], value: t.Any) -> bool:
    try:
        convert(value)
    except (ArithmeticError, TypeError, ValueError):
        return False
    return True


def _not_a_mapping(value: t.Any, known: Spec | None) -> str:
    """The sentence about a value that is not a mapping. ``known``: its options; None: those of an object with a
    name.
    """
    named = known is None or [name for name, option in known.items() if option.get("required")] == ["name"]
    if known and not named:
        return f"{_words.shown(value)} is not a mapping; its keys are {', '.join(known)}."
    return (
        f"{_words.shown(value)} is not a mapping; write"
        f" {f'{{name: {value}}}' if named and isinstance(value, str) else '{key: value}'}."
    )
