# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an entry become what Ansible's own validator makes of them, which takes five times as long."""

from __future__ import annotations

import copy
import random
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.netloom.linux.plugins.module_utils._engine import _argspec, _options
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput

Params = dict[str, t.Any]
VALUES: Params = {"str": "text", "int": 7, "float": 1.5, "bool": False, "path": "~/x", "raw": ["r"]}
ODD = ["5", "yes", 3, True, 2.5, "a,b", "", [], ["x"], "~/x", [1]]  # in place of another value


def some_value(dice: random.Random, option: Params, sort: str) -> t.Any:
    """A value that the option may have, or an odd one."""
    if dice.random() < 0.06:
        return dice.choice(ODD)
    if sort == "list":
        inner = option.get("elements", "raw")
        return [some_value(dice, option, inner) for _turn in range(dice.randint(0, 3))]
    if sort == "dict":
        return some_params(dice, option["options"]) if "options" in option else {"k": "v", "n": 3}
    return dice.choice([*option.get("choices", [VALUES[sort]]), VALUES[sort]])


def some_params(dice: random.Random, options: t.Mapping[str, Params]) -> Params:
    """Some of the options, under any of their names, and now and then null."""
    found: Params = {}
    for name, option in options.items():
        if dice.random() < (0.95 if option.get("required") else 0.4):
            null = dice.random() < 0.03 and not option.get("required")
            value = None if null else some_value(dice, option, option.get("type", "str"))
            found[dice.choice([name, *option.get("aliases", ())])] = value
    return found


def own(options: t.Mapping[str, Params], params: t.Any) -> t.Any:
    """The same without aliases."""
    if isinstance(params, list):
        return [own(options, one) for one in params]
    if not isinstance(params, dict):
        return params
    return {
        name: own(one["options"], params[name]) if "options" in one else params[name] for name, one in options.items()
    }


def theirs(options: t.Mapping[str, Params], params: Params) -> t.Any:
    """What Ansible makes of them, or None if it refuses them."""
    try:
        result = ArgumentSpecValidator(options).validate(copy.deepcopy(params))
    except TypeError:  # a number in a list of mappings is too much for it
        return None
    return None if result.error_messages else own(options, result.validated_parameters)


def ours(options: t.Mapping[str, Params], params: Params) -> t.Any:
    """What we make of them, or None if we refuse them."""
    try:
        return _options.converted(options, params)
    except BadInput:
        return None


@pytest.mark.parametrize("name", _registry.KINDS)
def test_options_become_what_ansible_makes_of_them(name: str) -> None:
    dice, options, taken = random.Random(name), _argspec.argument_spec(_registry.KINDS[name]), 0
    for _turn in range(100):
        params = {key: value for key, value in some_params(dice, options).items() if value is not None}
        found = ours(options, params)
        assert found == theirs(options, params), params
        taken += found is not None
    assert 10 < taken < 100  # some are refused


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"switch": "red"}, "name: is missing; give it a value."),
        ({"switch": "red", "name": "p", "tag": "x"}, "tag: "),
        ({"switch": "red", "name": "p", "type": "odd"}, "type: 'odd' is not possible"),
        ({"switch": "red", "name": "p", "type": None}, "type: is null; give it a value, or leave it out."),
        ({"switch": "red", "name": "p", "colour": "x"}, "colour: there is no such option."),
    ],
)
def test_what_is_refused_is_named(params: Params, says: str) -> None:
    with pytest.raises(BadInput) as told:
        _options.converted(_argspec.argument_spec(_registry.KINDS["ovn_port"]), params, "ovn_port[3].")
    assert str(told.value).startswith(f"ovn_port[3].{says}")
