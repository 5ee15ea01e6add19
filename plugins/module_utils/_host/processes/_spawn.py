# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs run in a namespace as ip-netns(8) `exec` runs them, without a shell and without ip.

The child enters the network namespace, takes a mount namespace of its own, and sees the namespace's /sys
and the files of /etc/netns/NAME over those of /etc. It inherits nothing: no descriptor (our lock and our
sockets would live as long as the daemon), no terminal, no environment, no ignored signal.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import tempfile
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _libc, _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# LC_ALL: what programs say is quoted in errors and must not depend on the host's language.
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C", "HOME": "/"}
ETC_NETNS = "/etc/netns"
MOST_WORDS = 16384  # bytes that are kept of what a program says to people
# linux/mount.h
MS_NOSUID, MS_NODEV = 0x2, 0x4
# Children that stay, kept so that they are reaped as long as this process lives.
_children: list[subprocess.Popen[bytes]] = []


@dataclasses.dataclass(frozen=True)
class Cover:
    """In the child's own mount namespace: hide a folder behind a tmpfs with these files (name -> content) and
    folders.
    """

    folder: str
    files: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    folders: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Bind:
    """In the child's own mount namespace: show ``source`` at ``target``."""

    source: str
    target: str


Private = t.Sequence[t.Union[Cover, Bind]]


@dataclasses.dataclass(frozen=True)
class Finished:
    """A program that has ended: its exit status (negative: the signal) and its output (``errors``: if they were wanted
    separately).
    """

    code: int
    output: str
    errors: str = ""


def which(name: str) -> str | None:
    """The path of a program, looked up as the child would."""
    for folder in PATH.split(":"):
        path = f"{folder}/{name}"
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _cover(cover: Cover) -> None:
    # exec is allowed on purpose: /run is mounted noexec on Debian, and a client's script is executed.
    _libc.mount("netloom", cover.folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    for folder in cover.folders:
        os.makedirs(f"{cover.folder}/{folder}", mode=0o755)
    for name, content in cover.files.items():
        path = f"{cover.folder}/{name}"
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(content)
        os.chmod(path, 0o755)


def _own_mounts(ns: _snapshot.NsKey, private: Private) -> None:
    """Make the mounts of `ip netns exec`, then ours. Slave: unmounting a namespace's name outside still takes effect in
    here.
    """
    _libc.unshare(_libc.CLONE_NEWNS)
    _libc.mount("", "/", "none", _libc.MS_SLAVE | _libc.MS_REC)
    # sysfs shows the network namespace it was mounted in. A container may forbid the mount; our programs do without.
    with contextlib.suppress(OSError):
        _libc.mount("netloom", "/sys", "sysfs", 0)
    folder = f"{ETC_NETNS}/{ns}"
    if ns is not None and "/" not in ns and os.path.isdir(folder):
        for name in sorted(os.listdir(folder)):
            # As ip does: a file that /etc lacks cannot be covered, and is passed over.
            with contextlib.suppress(OSError):
                _libc.mount(f"{folder}/{name}", f"/etc/{name}", "none", _libc.MS_BIND)
    for one in private:
        if isinstance(one, Cover):
            _cover(one)
        else:
            _libc.mount(one.source, one.target, "none", _libc.MS_BIND | _libc.MS_REC)


def _enter(namespace: int | None, ns: _snapshot.NsKey, private: Private, failure: int) -> None:
    """Prepare the child between fork and exec. Errors are written to the pipe ``failure``."""
    try:
        os.umask(0o022)
        # An ignored SIGHUP (nohup, async tasks) would be inherited by a daemon that reloads on it.
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if namespace is not None:
            _libc.setns(namespace, _libc.CLONE_NEWNET)
        _own_mounts(ns, private)
    except BaseException as error:
        os.write(failure, str(error).encode()[:4000])
        raise


def _popen(
    argv: t.Sequence[str], ns: _snapshot.NsKey, private: Private, streams: tuple[int, int, int]
) -> subprocess.Popen[bytes]:
    """Fork, enter and exec, with these streams for standard input, output and errors. Raises HostError with the child's
    own error.
    """
    with contextlib.ExitStack() as stack:
        reader, writer = os.pipe()
        stack.callback(os.close, reader)
        closed = stack.enter_context(contextlib.ExitStack())
        closed.callback(os.close, writer)
        namespace = None
        if ns is not None:
            try:
                namespace = os.open(_namespaces.path_of(ns), os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                raise _errors.HostError(f"Cannot run {argv[0]} in namespace '{ns}': {error.strerror}.") from error
            stack.callback(os.close, namespace)
        try:
            # pylint: disable=ansible-bad-function  # run_command neither detaches nor enters namespaces
            return subprocess.Popen(
                list(argv),
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                env=ENVIRONMENT,
                cwd="/",
                close_fds=True,
                start_new_session=True,
                # It makes system calls and takes no lock.
                preexec_fn=lambda: _enter(namespace, ns, private, writer),  # noqa: PLW1509
            )
        except (OSError, subprocess.SubprocessError) as error:
            closed.close()
            said = os.read(reader, 4096).decode(errors="replace")
            where = f" in namespace '{ns}'" if ns is not None else ""
            raise _errors.HostError(f"Cannot run {argv[0]}{where}: {_errors.quoted(said or error)}.") from error


def run(
    argv: t.Sequence[str],
    ns: _snapshot.NsKey,
    private: Private = (),
    text: str = "",
    seconds: float = 20,
    *,
    apart: bool = False,
) -> Finished:
    """Run a program until it ends or puts itself into the background.

    Its output is written to a file, because a daemon that keeps a pipe open would keep us waiting. ``apart``: the
    output is data, which is needed completely and without the errors in it.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(text.encode("utf-8", "surrogateescape"))
        given.seek(0)
        child = _popen(argv, ns, private, (given.fileno(), output.fileno(), (errors if apart else output).fileno()))
        code = _ended(argv, child, seconds)
        output.seek(0)
        errors.seek(0)
        said = output.read() if apart else output.read(MOST_WORDS)
        return Finished(
            code, said.decode(errors="replace").strip(), errors.read(MOST_WORDS).decode(errors="replace").strip()
        )


def _ended(argv: t.Sequence[str], child: subprocess.Popen[bytes], seconds: float) -> int:
    """The exit status of a program, once it has ended. Raises HostError if that takes too long."""
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise _errors.HostError(f"Cannot run {argv[0]}: it did not end within {seconds:g} s.") from None


def each(argv: t.Sequence[str], texts: t.Sequence[str], seconds: float = 20) -> list[Finished]:
    """Run a short program once for each text, its input, with one process for each processor at a time. Nothing is
    mounted for it.
    """
    found: list[Finished] = []
    many = os.cpu_count() or 1
    for first in range(0, len(texts), many):
        with contextlib.ExitStack() as stack:
            running = [_with_input(argv, text, stack) for text in texts[first : first + many]]
            for child, output in running:
                code = _ended(argv, child, seconds)
                output.seek(0)
                found.append(Finished(code, output.read(MOST_WORDS).decode(errors="replace").strip()))
    return found


def _with_input(
    argv: t.Sequence[str], text: str, stack: contextlib.ExitStack
) -> tuple[subprocess.Popen[bytes], t.IO[bytes]]:
    """Start a program with this input; it is ended with the stack. Return it with the file of its output."""
    given = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # closed with the stack
    output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    given.write(text.encode("utf-8", "surrogateescape"))
    given.seek(0)
    # pylint: disable=ansible-bad-function,consider-using-with  # run_command runs one after the other
    child = subprocess.Popen(list(argv), stdin=given, stdout=output, stderr=output, env=ENVIRONMENT, cwd="/")
    stack.callback(child.wait)
    stack.callback(child.kill)  # before it is waited for
    return child, output


def start(argv: t.Sequence[str], ns: _snapshot.NsKey, private: Private = (), log: str | None = None) -> int:
    """Start a program that stays in the foreground of its own session. Return its pid at once."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        output = os.open(log, flags, 0o644) if log else os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _errors.HostError(f"Cannot write {log}: {error.strerror}.") from error
    try:
        child = _popen(argv, ns, private, (subprocess.DEVNULL, output, output))
    finally:
        os.close(output)
    _children.append(child)
    return child.pid


def reap() -> None:
    """Collect children that ended, so that they do not stay zombies as long as we run."""
    _children[:] = [child for child in _children if child.poll() is None]
