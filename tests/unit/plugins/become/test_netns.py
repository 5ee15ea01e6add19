# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Become plugin netns: the commands that it makes are run, with stand-ins for id, ip, sudo and runuser."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.loader import shell_loader
from ansible_collections.netloom.linux.plugins.become import netns

NAME = "netloom.linux.netns"
EVIL = """a'b"$(touch${IFS}pwned)`id`;exit\\$x"""
# Each notes how it was called. The real ones take the command from the argument after these.
STAND_INS = {
    "id": 'case "$1 $2" in "-u ") cat {folder}/uid;; "-u nosuch") exit 1;; esac',
    "ip": (
        '[ ! -e {folder}/dangling ] || {{ echo "setting the network namespace \\"$3\\" failed" >&2; exit 255; }}\nshift'
        ' 3; exec "$@"'
    ),
    "sudo": 'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"',
    "runuser": 'exec /bin/sh -c "$4"',
}


@pytest.fixture
def host(tmp_path):
    """A managed node: commands run in a folder, with the stand-ins alone, and namespaces are files."""

    class Host:
        netns = tmp_path / "netns"

        def run(self, command, stdin=""):
            environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
            command = command.replace("/run/netns/", f"{self.netns}/")
            return subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=tmp_path,
                env=environment,
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
            )

        def become_user(self, uid):
            (tmp_path / "uid").write_text(str(uid))

        def calls(self, program):
            path = tmp_path / f"{program}.calls"
            return [call.split("\0")[:-1] for call in path.read_text().split("\1")[:-1]] if path.exists() else []

    for program, script in STAND_INS.items():
        path = tmp_path / "bin" / program
        path.parent.mkdir(exist_ok=True)
        note = f"printf '%s\\0' \"$@\" >>{tmp_path}/{program}.calls; printf '\\1' >>{tmp_path}/{program}.calls"
        path.write_text(f"#!/bin/sh\n{note}\n{script.format(folder=tmp_path)}\n")
        path.chmod(0o755)
    (tmp_path / "netns").mkdir()
    (tmp_path / "netns" / "red").touch()
    made = Host()
    made.folder = tmp_path
    made.become_user(0)
    return made


@pytest.fixture
def shell():
    """The shell plugin, as a connection sets it up."""
    found = shell_loader.get("sh")
    found.executable = "/bin/sh"
    return found


def plugin(keywords=None, **variables):
    """The plugin, as a task sets it up."""
    C.config.initialize_plugin_configuration_definitions("become", NAME, yaml.safe_load(netns.DOCUMENTATION)["options"])
    made = netns.BecomeModule()
    made._load_name = made.ansible_name = NAME
    made.ansible_aliases = [NAME]
    made.set_options(task_keys=keywords or {}, var_options={"ansible_netns": "red", **variables})
    return made


def refusal(done):
    """The sentence of a refusal, said to people and as the result of a module."""
    assert done.returncode == 1
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["failed"] is True
    assert done.stderr.strip() == result["msg"]
    return result["msg"]


def test_root_enters_at_once(host, shell):
    become = plugin()
    done = host.run(become.build_become_command("echo \"it's\" '$HOME'; cat", shell), "module")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{become.success}\nit's $HOME\nmodule"
    assert (
        become.check_success(done.stdout.encode())
        and become.strip_become_success(done.stdout.encode()) == b"it's $HOME\nmodule"
    )
    assert host.calls("sudo") == host.calls("runuser") == []
    assert host.calls("ip")[-1][:3] == ["netns", "exec", "red"]


def test_the_exit_status_is_the_commands(host, shell):
    assert host.run(plugin().build_become_command("exit 7", shell)).returncode == 7


def test_others_become_root_first(host, shell):
    host.become_user(1000)
    done = host.run(plugin().build_become_command("echo in", shell))
    assert done.stdout.splitlines()[1:] == ["in"]
    assert host.calls("sudo")[0][:5] == ["-H", "-S", "-n", "-u", "root"]


def test_the_other_plugins_settings_count(host, shell):
    command = plugin(
        ansible_become_exe="/opt/sudo", ansible_sudo_flags="-E", ansible_netns_root_method="ansible.builtin.sudo"
    ).build_become_command("x", shell)
    assert "/opt/sudo -E  -u root " in command


def test_password(shell):
    become = plugin(ansible_become_password="secret", ansible_become_user="nobody")
    command = become.build_become_command("x", shell)
    assert become.get_option("become_pass") == "secret"
    assert become.expect_prompt() and become.prompt in command and "-H -S " in command and " -n " not in command
    assert become.check_password_prompt(become.prompt.encode()) and not become.check_password_prompt(b"other")
    assert become.check_incorrect_password(b"Sorry, try again.") and become.check_missing_password(
        b"sudo: a password is required"
    )


def test_su_asks_in_its_way(shell):
    become = plugin(ansible_netns_root_method="su", ansible_su_pass="secret")
    assert "su  root -c " in become.build_become_command("x", shell)
    assert become.pipelining is False and plugin().pipelining is True
    assert become.check_password_prompt(b"Password: ") and become.prompt == "Password:"


def test_another_user_inside(host, shell):
    done = host.run(plugin({"become_user": "nobody"}).build_become_command("echo in", shell))
    assert done.stdout.splitlines()[1:] == ["in"]
    assert host.calls("runuser") == [["-s", "/bin/sh", "-c", "echo in", "nobody"]]


def test_ansible_never_leaves_it_out():
    # ActionBase leaves become out if `become_user != remote_user` does not hold, and asks by == who may read files.
    for user in ("root", "alice"):
        found = plugin({"become_user": user}).get_option("become_user")
        assert found != user and found == user and found in [user] and f"~{found}" == f"~{user}"


def test_nothing_to_run(shell):
    assert plugin().build_become_command("", shell) == ""


def test_no_namespace(host, shell):
    message = refusal(host.run(plugin(ansible_netns="green").build_become_command("touch ran", shell), "x" * 1000000))
    assert (
        message
        == "ansible_netns: there is no network namespace 'green' on this host. Create it with netloom.linux.netns"
        " first."
    )
    assert not (host.folder / "ran").exists()


def test_a_name_that_dangles(host, shell):
    (host.folder / "dangling").touch()
    message = refusal(host.run(plugin().build_become_command("x", shell)))
    assert message.startswith("ansible_netns: the network namespace 'red' cannot be entered;")
    assert message.endswith("What ip says: setting the network namespace red failed")


def test_no_such_user(host, shell):
    assert "become_user: there is no user 'nosuch'" in refusal(
        host.run(plugin(ansible_become_user="nosuch").build_become_command("x", shell))
    )


@pytest.mark.parametrize(("variable", "user"), [("ansible_netns_ip_exe", "root"), ("ansible_netns_user_exe", "nobody")])
def test_no_such_program(host, shell, variable, user):
    become = plugin(ansible_become_user=user, **{variable: "no'where"})
    assert f"{variable}: there is no program 'no'where'" in refusal(host.run(become.build_become_command("x", shell)))


def test_evil_names_are_names(host, shell):
    (host.netns / EVIL).touch()
    done = host.run(plugin(ansible_netns=EVIL).build_become_command("echo in", shell))
    assert done.stdout.splitlines()[1:] == ["in"]
    assert host.calls("ip")[-1][2] == EVIL
    (host.netns / EVIL).unlink()
    assert EVIL in refusal(host.run(plugin(ansible_netns=EVIL).build_become_command("echo in", shell)))
    refusal(
        host.run(
            plugin(ansible_become_user=f"nosuch; {EVIL}", ansible_netns_user_exe=EVIL).build_become_command(
                "echo in", shell
            )
        )
    )
    assert not list(host.folder.rglob("pwned"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a b", "ansible_netns: 'a b' is not a namespace name"),
        ("../x", "ansible_netns: '../x' is not a namespace name"),
        ("..", "is not a namespace name"),
        ("", "ansible_netns: is empty"),
        ("a\nb", "is not a namespace name"),
        ("x" * 256, "has 256 bytes"),
        (7, "ansible_netns: YAML read this as 7, which is no text; quote it."),
        (False, "ansible_netns: YAML read this as False"),
        (None, "ansible_netns: is not set; name the network namespace"),
    ],
)
def test_refused_names(shell, value, says):
    with pytest.raises(AnsibleError, match=r"^ansible_netns: ") as caught:
        plugin(ansible_netns=value).build_become_command("x", shell)
    assert says in str(caught.value)


def test_refused_users(shell):
    with pytest.raises(AnsibleError, match="become_user: '-x' is not a user's name"):
        plugin(ansible_become_user="-x").build_become_command("x", shell)


@pytest.mark.parametrize("method", ["no_such", NAME, "netns"])
def test_refused_methods(method):
    with pytest.raises(
        AnsibleError, match=f"ansible_netns_root_method: there is no become plugin '{method}' that makes root"
    ):
        plugin(ansible_netns_root_method=method)
