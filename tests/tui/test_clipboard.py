from __future__ import annotations

import asyncio
import base64
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tui import clipboard
from tui.clipboard import CannotCopy, copy, native, osc_52

SSH = {"SSH_CONNECTION": "192.0.2.1 50022 192.0.2.2 22"}
TEXT = "2w3YUpTTOxuDvZFji8OMsKrG176\nÄ 東京"


@dataclass
class Written:
    """A terminal that keeps what is written to it."""

    data: str = ""

    def write(self, data: str) -> None:
        self.data += data


@dataclass
class Machine:
    """A machine with stand-ins for the programs that own clipboards."""

    directory: Path
    terminal: Written = field(default_factory=Written)

    @property
    def programs(self) -> Path:
        return self.directory / "bin"

    @property
    def data_dir(self) -> Path:
        return self.directory / "data"

    def has(self, name: str, script: str = '/bin/cat > "$OUT"') -> None:
        self.programs.mkdir(exist_ok=True)
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    async def copy(self, text: str = TEXT, **environ: str) -> str:
        given = {"TERM": "xterm-256color", "OUT": str(self.directory / "taken")} | environ
        # What the machine of the tests has itself is none of the stand-ins.
        given["PATH"] = str(self.programs)
        return await copy(text, self.terminal, self.data_dir, environ=given)

    @property
    def taken(self) -> str:
        return (self.directory / "taken").read_text("utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("program", "environ"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("xclip", {"DISPLAY": ":0"}),
        ("xsel", {"DISPLAY": ":0"}),
        ("termux-clipboard-set", {"TERMUX_VERSION": "0.118"}),
        ("xclip", {"DISPLAY": "localhost:10.0", **SSH}),
    ],
)
async def test_a_program_that_owns_the_clipboard_takes_the_text(
    machine: Machine, program: str, environ: dict[str, str]
) -> None:
    machine.has(program)
    assert await machine.copy(**environ) == f"with {program}"
    assert machine.taken == TEXT
    assert not machine.terminal.data


async def test_the_windows_program_gets_what_windows_reads(machine: Machine) -> None:
    machine.has("clip.exe")
    assert await machine.copy(WSL_DISTRO_NAME="Debian") == "with clip"
    assert (machine.directory / "taken").read_bytes() == TEXT.encode("utf-16-le")


def test_each_system_has_its_program() -> None:
    assert [command[0] for command in native({}, "darwin")] == ["pbcopy"]
    assert [command[0] for command in native({}, "win32")] == ["clip.exe"]
    assert [command[0] for command in native({}, "linux")] == []


@pytest.mark.parametrize("display", [":0", ":1.0", "198.51.100.7:0"])
async def test_over_ssh_no_program_of_the_other_end_is_asked(machine: Machine, display: str) -> None:
    for name in ("wl-copy", "xclip", "xsel"):
        machine.has(name)
    assert await machine.copy(WAYLAND_DISPLAY="wayland-0", DISPLAY=display, **SSH) == "by OSC 52"
    assert machine.terminal.data == f"\x1b]52;c;{base64.b64encode(TEXT.encode()).decode()}\a"


async def test_a_program_that_fails_is_passed_over(machine: Machine) -> None:
    machine.has("wl-copy", "exit 1")
    machine.has("xclip")
    assert await machine.copy(WAYLAND_DISPLAY="wayland-0", DISPLAY=":0") == "with xclip"


async def test_a_program_that_hangs_is_given_up_and_the_loop_goes_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE_S", 0.3)
    machine.has("wl-copy", "exec /bin/sleep 60")
    copying = asyncio.create_task(machine.copy(WAYLAND_DISPLAY="wayland-0"))
    turns = 0
    started = time.monotonic()
    while not copying.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert copying.result() == "by OSC 52"
    assert time.monotonic() - started < 5
    assert turns > 5


async def test_a_program_that_stays_to_own_the_clipboard_is_not_waited_for(machine: Machine) -> None:
    machine.has("xclip", '/bin/cat > "$OUT"; /bin/sleep 4 &')
    started = time.monotonic()
    assert await machine.copy(DISPLAY=":0") == "with xclip"
    assert time.monotonic() - started < 2


async def test_tmux_hands_the_text_to_the_terminal_it_is_shown_on(machine: Machine) -> None:
    machine.has("tmux", '[ "$1 $2 $3" = "load-buffer -w -" ] && /bin/cat > "$OUT"')
    assert await machine.copy(TMUX="/tmp/tmux,1,0") == "through tmux"
    assert machine.taken == TEXT


async def test_a_tmux_that_cannot_hand_on_is_passed_through(machine: Machine) -> None:
    machine.has("tmux", "exit 1")
    assert await machine.copy("x", TMUX="/tmp/tmux,1,0") == "by OSC 52"
    assert machine.terminal.data == "\x1bPtmux;\x1b\x1b]52;c;eA==\a\x1b\\\x1b]52;c;eA==\a"


async def test_a_tmux_that_is_looked_at_over_ssh_by_now_does_not_copy_at_the_other_end(machine: Machine) -> None:
    machine.has("xclip")
    machine.has(
        "tmux",
        'case "$1" in show-environment) echo SSH_CONNECTION=1; echo -DISPLAY;; *) /bin/cat > "$OUT";; esac',
    )
    assert await machine.copy(TMUX="/tmp/tmux,1,0", DISPLAY=":0") == "through tmux"


async def test_a_tmux_that_is_looked_at_from_here_by_now_copies_here(machine: Machine) -> None:
    machine.has("xclip")
    machine.has("tmux", 'case "$1" in show-environment) echo -SSH_CONNECTION; echo DISPLAY=:0;; *) exit 1;; esac')
    assert await machine.copy(TMUX="/tmp/tmux,1,0", SSH_TTY="/dev/pts/1", **SSH) == "with xclip"


def test_screen_gets_the_sequence_in_pieces_that_it_passes_on() -> None:
    sequence = osc_52("x" * 2_000, {"TERM": "screen", "STY": "1.pts"})
    pieces = sequence.removeprefix("\x1bP").removesuffix("\x1b\\").split("\x1b\\\x1bP")
    assert len(pieces) > 2
    assert max(map(len, pieces)) <= 768
    assert "".join(pieces) == osc_52("x" * 2_000, {"TERM": "xterm"})


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ("x", {"TERM": "linux"}),
        ("x", {"TERM": "dumb"}),
        ("x", {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}),
        ("x" * 60_000, {"TERM": "xterm-256color"}),
    ],
)
async def test_what_no_terminal_takes_goes_to_a_file_for_its_owner_alone(
    machine: Machine, text: str, environ: dict[str, str]
) -> None:
    path = machine.data_dir / "copied.txt"
    assert await machine.copy(text, **environ) == f"to {path}"
    assert path.read_text("utf-8") == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not machine.terminal.data


async def test_the_file_holds_the_newest_copy_alone(machine: Machine) -> None:
    await machine.copy("a long text", TERM="linux")
    await machine.copy("short", TERM="linux")
    assert [path.name for path in machine.data_dir.iterdir()] == ["copied.txt"]
    assert (machine.data_dir / "copied.txt").read_text() == "short"


async def test_where_nothing_works_it_says_so(machine: Machine) -> None:
    machine.data_dir.write_text("no directory")
    with pytest.raises(CannotCopy, match=r"nothing takes a copy here, not even .*copied\.txt"):
        await machine.copy(TERM="linux")
