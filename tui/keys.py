"""Every key of the dashboard: its name, what it does, and where it is shown. Nothing is bound anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from textual.binding import Binding, BindingType

Pane: TypeAlias = Literal[
    "everywhere",
    "stream",
    "detail",
    "types",
    "table",
    "values",
    "messages",
    "story",
    "runs",
    "failures",
    "failure",
    "quarantine",
    "request",
    "forwards",
    "answer",
    "set_up",
    "field",
    "find",
    "sheet",
    "resend",
    "export",
    "diff",
    "help",
]

PANES: Mapping[Pane, str] = {
    "stream": "Stream",
    "detail": "Detail",
    "types": "Types",
    "table": "Table of a type",
    "values": "Values",
    "messages": "Messages",
    "story": "Story of a message",
    "runs": "Runs",
    "failures": "Failures",
    "failure": "One failure",
    "quarantine": "Quarantine",
    "request": "Request in quarantine",
    "forwards": "Forwards",
    "answer": "Answer to a forward",
    "set_up": "Set-up",
    "field": "Filter",
    "find": "Find",
    "sheet": "Sheet",
    "resend": "Sheet that sends again",
    "export": "Sheet that exports",
    "diff": "Difference",
    "help": "Help",
    "everywhere": "Everywhere",
}
"""The panes by the name that help gives them, in its order."""

CLOSED: tuple[Pane, ...] = ("field", "find", "sheet", "resend", "export", "diff", "help")
"""Panes that the keys of everywhere do not reach: letters type there, or what is below is covered."""


class Key(NamedTuple):
    """One action and its keys.

    `name` is what `[keys]` in a config file calls it. `label` is its word in the footer, where the least `rank`
    comes first and 0 keeps it out; `text` says what it does in help and in the palette.
    """

    name: str
    keys: str
    action: str
    pane: Pane
    text: str
    label: str = ""
    rank: int = 0


KEYS: tuple[Key, ...] = (
    Key("open", "enter", "screen.open", "stream", "open the event", "detail", 2),
    Key("down", "down,j", "move(1)", "stream", "one row down"),
    Key("up", "up,k", "move(-1)", "stream", "one row up"),
    Key("page_down", "pagedown", "page(1)", "stream", "one page down"),
    Key("page_up", "pageup", "page(-1)", "stream", "one page up"),
    Key("oldest", "g,home", "oldest", "stream", "to the oldest row that is loaded; a search goes on"),
    Key("newest", "G,end", "follow", "stream", "to the newest, and follow"),
    Key("follow", "F", "follow", "stream", "follow the newest", "follow", 4),
    Key("right", "right", "sideways(8)", "stream", "sideways to the right"),
    Key("left", "left", "sideways(-8)", "stream", "sideways to the left"),
    Key("hold", "space", "screen.pause", "stream", "pause the list, or go on"),
    Key(
        "copy",
        "y",
        "screen.copy",
        "stream",
        "copy the id under the cursor, or the address",
        "copy",
        5,
    ),
    Key("mark", "m", "screen.mark", "stream", "mark the event, or take the mark away"),
    Key("only", "i", "screen.only", "stream", "only events with a value of this one"),
    Key("without", "I", "screen.exclude", "stream", "no events with a value of this one"),
    Key("copy_as", "Y", "screen.copy_as", "stream", "copy as JSON, curl, httpx, pytest, expect"),
    Key("message_later", "o", "screen.along('message',1)", "stream", "to the next event of the same message"),
    Key("message_earlier", "O", "screen.along('message',-1)", "stream", "to the event before of the same message"),
    Key("failure_later", "e", "screen.along('failures',1)", "stream", "to the next failed event"),
    Key("failure_earlier", "E", "screen.along('failures',-1)", "stream", "to the failed event before"),
    Key("type_down", "down,j", "move(1)", "types", "one type down"),
    Key("type_up", "up,k", "move(-1)", "types", "one type up"),
    Key("first_type", "g,home", "edge(-1)", "types", "to the first type"),
    Key("last_type", "G,end", "edge(1)", "types", "to the last type"),
    Key("pick", "space", "pick", "types", "show only the picked types in the stream, or no longer", "pick", 1),
    Key("open_type", "enter", "open_type", "types", "look at the events of the type", "open", 2),
    Key("type_right", "right", "across(1)", "types", "to the type at the right"),
    Key("type_left", "left", "across(-1)", "types", "to the type at the left"),
    Key("types_down", "pagedown", "page(1)", "types", "one page of types down"),
    Key("types_up", "pageup", "page(-1)", "types", "one page of types up"),
    Key("copy_type", "y", "screen.copy", "types", "copy the name of the type"),
    Key("only_type", "i", "screen.only", "types", "only events of the type"),
    Key("without_type", "I", "screen.exclude", "types", "no events of the type"),
    Key("open_row", "enter", "open", "table", "open the event", "detail", 2),
    Key("row_down", "down,j", "move(1)", "table", "one row down"),
    Key("row_up", "up,k", "move(-1)", "table", "one row up"),
    Key("rows_down", "pagedown", "page(1)", "table", "one page down"),
    Key("rows_up", "pageup", "page(-1)", "table", "one page up"),
    Key("first_row", "g,home", "edge(-1)", "table", "to the first row that is loaded"),
    Key("last_row", "G,end", "edge(1)", "table", "to the last row; to the newest, and follow"),
    Key("follow_rows", "F", "follow", "table", "follow the newest, in the order in which they came", "follow", 6),
    Key("next_column", "right", "across(1)", "table", "next column"),
    Key("previous_column", "left", "across(-1)", "table", "previous column"),
    Key("ascending", "less_than_sign", "sort(False)", "table", "sort by the column, ascending; or no longer"),
    Key(
        "descending",
        "greater_than_sign",
        "sort(True)",
        "table",
        "sort by the column, descending; or no longer",
        "sort",
        5,
    ),
    Key("only_value", "i", "screen.only", "table", "only events with the value under the cursor", "only", 3),
    Key("not_value", "I", "screen.exclude", "table", "no events with the value under the cursor", "exclude", 4),
    Key("copy_cell", "y", "screen.copy", "table", "copy the value under the cursor", "copy", 5),
    Key("hold_rows", "space", "screen.pause", "table", "pause the table, or go on"),
    Key("row_message_later", "o", "screen.along(1)", "table", "to the next event of the same message"),
    Key("row_message_earlier", "O", "screen.along(-1)", "table", "to the event before of the same message"),
    Key("value_down", "down,j", "move(1)", "values", "one value down"),
    Key("value_up", "up,k", "move(-1)", "values", "one value up"),
    Key("values_down", "pagedown", "page(1)", "values", "one page down"),
    Key("values_up", "pageup", "page(-1)", "values", "one page up"),
    Key("first_value", "g,home", "edge(-1)", "values", "to the most frequent value"),
    Key("last_value", "G,end", "edge(1)", "values", "to the least frequent value"),
    Key("only_this", "i,enter", "screen.only", "values", "only events with this value", "only", 1),
    Key("not_this", "I", "screen.exclude", "values", "no events with this value", "exclude", 2),
    Key("copy_counted", "y", "screen.copy", "values", "copy the value", "copy", 3),
    Key("open_message", "enter", "open", "messages", "tell the whole story of the message", "story", 2),
    Key("message_down", "down,j", "move(1)", "messages", "one message down"),
    Key("message_up", "up,k", "move(-1)", "messages", "one message up"),
    Key("messages_down", "pagedown", "page(1)", "messages", "one page down"),
    Key("messages_up", "pageup", "page(-1)", "messages", "one page up"),
    Key("first_message", "g,home", "edge(-1)", "messages", "to the first message that was read"),
    Key("last_message", "G,end", "edge(1)", "messages", "to the message that moved last, and follow"),
    Key("follow_messages", "F", "follow", "messages", "follow the message that moved last", "follow", 6),
    Key("hold_messages", "space", "screen.pause", "messages", "pause the list, or go on"),
    Key("next_order", "greater_than_sign", "screen.sort(1)", "messages", "sort by the next order", "sort", 3),
    Key("previous_order", "less_than_sign", "screen.sort(-1)", "messages", "sort by the order before"),
    Key("nearer", "plus", "zoom_axis(1)", "messages", "look nearer at the time of the step", "zoom", 4),
    Key("wider", "minus", "zoom_axis(-1)", "messages", "look at a longer time"),
    Key("later_times", "right", "pan(1)", "messages", "to later times"),
    Key("earlier_times", "left", "pan(-1)", "messages", "to earlier times"),
    Key("fit_times", "0", "fit", "messages", "show all of the lanes in sight"),
    Key("later_step", "o", "step(1)", "messages", "to the next step of the message", "steps", 5),
    Key("earlier_step", "O", "step(-1)", "messages", "to the step before of the message"),
    Key("next_failing", "e", "failing(1)", "messages", "to the next message that failed"),
    Key("previous_failing", "E", "failing(-1)", "messages", "to the message before that failed"),
    Key("only_message", "i", "screen.only", "messages", "only messages with a value of this one"),
    Key("without_message", "I", "screen.exclude", "messages", "no messages with a value of this one"),
    Key("copy_message", "y", "screen.copy", "messages", "copy the id of the message", "copy", 7),
    Key("copy_message_as", "Y", "screen.copy_as", "messages", "copy the event of the step as JSON, curl, pytest"),
    Key("mark_message", "m", "screen.mark", "messages", "mark the event of the step, or take the mark away"),
    Key(
        "compare_message",
        "equals_sign",
        "screen.compare",
        "messages",
        "compare the event of the step with the marked one, or the one before",
    ),
    Key("turn_funnel", "b", "screen.turn_funnel", "messages", "the funnel by channel, or by workflow"),
    Key("open_step", "enter", "open", "story", "look at the event of the step", "event", 2),
    Key("story_down", "down,j", "move(1)", "story", "one line down"),
    Key("story_up", "up,k", "move(-1)", "story", "one line up"),
    Key("story_page_down", "pagedown,space", "page(1)", "story", "one page down"),
    Key("story_page_up", "pageup", "page(-1)", "story", "one page up"),
    Key("story_top", "g,home", "edge(-1)", "story", "to the top"),
    Key("story_bottom", "G,end", "edge(1)", "story", "to the bottom"),
    Key("story_later", "o", "step(1)", "story", "to the next step", "steps", 4),
    Key("story_earlier", "O", "step(-1)", "story", "to the step before"),
    Key("story_next_failing", "e", "screen.along('failures',1)", "story", "to the next message that failed"),
    Key("story_failing_before", "E", "screen.along('failures',-1)", "story", "to the message before that failed"),
    Key("only_in_story", "i", "screen.only", "story", "only messages with the value under the cursor"),
    Key("without_in_story", "I", "screen.exclude", "story", "no messages with the value under the cursor"),
    Key("copy_in_story", "y", "screen.copy", "story", "copy the value under the cursor", "copy value", 3),
    Key("copy_step_as", "Y", "screen.copy_as", "story", "copy the event of the step as JSON, curl, pytest"),
    Key("mark_step", "m", "screen.mark", "story", "mark the event of the step, or take the mark away"),
    Key(
        "compare_step",
        "equals_sign",
        "screen.compare",
        "story",
        "compare the event of the step with the marked one, or the one before",
    ),
    Key("open_run", "enter", "open", "runs", "unfold; the story of a message; look at an event", "open", 1),
    Key("fold_run", "space", "fold", "runs", "fold or unfold", "fold", 2),
    Key("run_down", "down,j", "move(1)", "runs", "one row down"),
    Key("run_up", "up,k", "move(-1)", "runs", "one row up"),
    Key("runs_down", "pagedown", "page(1)", "runs", "one page down"),
    Key("runs_up", "pageup", "page(-1)", "runs", "one page up"),
    Key("newest_run", "g,home", "edge(-1)", "runs", "to the run with the newest activity"),
    Key("oldest_run", "G,end", "edge(1)", "runs", "to the last row that was read"),
    Key("into_run", "right", "across(1)", "runs", "unfold, or go in"),
    Key("out_of_run", "left", "across(-1)", "runs", "fold, or go to what it is in"),
    Key("step_later", "o", "along(1)", "runs", "to the next event of the message"),
    Key("step_earlier", "O", "along(-1)", "runs", "to the event before of the message"),
    Key("next_trouble", "e", "trouble(1)", "runs", "to the next that failed", "failures", 5),
    Key("trouble_before", "E", "trouble(-1)", "runs", "to the one before that failed"),
    Key("only_run", "i", "screen.only", "runs", "only events of what is under the cursor", "only", 4),
    Key("without_run", "I", "screen.exclude", "runs", "no events of what is under the cursor"),
    Key("copy_run", "y", "screen.copy", "runs", "copy the id under the cursor", "copy", 6),
    Key("copy_run_filter", "Y", "screen.copy_filter", "runs", "copy the filter that finds its events"),
    Key("open_cause", "enter", "open", "failures", "look at its events", "events", 1),
    Key("only_cause", "i", "screen.only", "failures", "only events that say this", "only", 2),
    Key("without_cause", "I", "screen.exclude", "failures", "no events that say this", "exclude", 4),
    Key("copy_cause", "y", "screen.copy", "failures", "copy what the newest of them says", "copy", 5),
    Key("copy_cause_filter", "Y", "screen.copy_filter", "failures", "copy the filter that finds its events"),
    Key("cause_down", "down,j", "move(1)", "failures", "one cause down"),
    Key("cause_up", "up,k", "move(-1)", "failures", "one cause up"),
    Key("causes_down", "pagedown,space", "page(1)", "failures", "one page down"),
    Key("causes_up", "pageup", "page(-1)", "failures", "one page up"),
    Key("first_cause", "g,home", "edge(-1)", "failures", "to the first cause"),
    Key("last_cause", "G,end", "edge(1)", "failures", "to the last cause"),
    Key("open_this_cause", "enter", "screen.open", "failure", "look at its events", "events", 1),
    Key("only_told", "i", "screen.only", "failure", "only events with the value under the cursor", "only", 3),
    Key("without_told", "I", "screen.exclude", "failure", "no events with the value under the cursor"),
    Key("copy_told", "y", "screen.copy", "failure", "copy the value under the cursor", "copy value", 2),
    Key("copy_this_filter", "Y", "screen.copy_filter", "failure", "copy the filter that finds its events"),
    Key("told_down", "down,j", "move(1)", "failure", "one line down"),
    Key("told_up", "up,k", "move(-1)", "failure", "one line up"),
    Key("told_page_down", "pagedown,space", "page(1)", "failure", "one page down"),
    Key("told_page_up", "pageup", "page(-1)", "failure", "one page up"),
    Key("told_top", "g,home", "edge(-1)", "failure", "to the top"),
    Key("told_bottom", "G,end", "edge(1)", "failure", "to the bottom"),
    Key("open_held", "enter", "open", "quarantine", "read the request", "read", 1),
    Key("admit", "a", "screen.admit", "quarantine", "make an event of the request", "admit", 2),
    Key("discard_held", "d,delete", "screen.discard_held", "quarantine", "drop the request", "discard", 3),
    Key("copy_diagnosis", "y", "screen.copy", "quarantine", "copy what is wrong and what to change", "copy", 4),
    Key("copy_held_body", "Y", "screen.copy_body", "quarantine", "copy the body as received"),
    Key("held_down", "down,j", "move(1)", "quarantine", "one request down"),
    Key("held_up", "up,k", "move(-1)", "quarantine", "one request up"),
    Key("held_page_down", "pagedown,space", "page(1)", "quarantine", "one page down"),
    Key("held_page_up", "pageup", "page(-1)", "quarantine", "one page up"),
    Key("newest_held", "g,home", "edge(-1)", "quarantine", "to the newest request"),
    Key("oldest_held", "G,end", "edge(1)", "quarantine", "to the oldest request that was read"),
    Key("admit_this", "a", "screen.admit", "request", "make an event of the request", "admit", 2),
    Key("discard_this", "d,delete", "screen.discard_held", "request", "drop the request", "discard", 3),
    Key("copy_fact", "y", "screen.copy", "request", "copy the value under the cursor", "copy value", 1),
    Key("copy_this_body", "Y", "screen.copy_body", "request", "copy the body as received"),
    Key("fact_down", "down,j", "move(1)", "request", "one line down"),
    Key("fact_up", "up,k", "move(-1)", "request", "one line up"),
    Key("facts_down", "pagedown,space", "page(1)", "request", "one page down"),
    Key("facts_up", "pageup", "page(-1)", "request", "one page up"),
    Key("facts_top", "g,home", "edge(-1)", "request", "to the top"),
    Key("facts_bottom", "G,end", "edge(1)", "request", "to the bottom"),
    Key("open_forwarded", "enter", "open", "forwards", "go to the event", "event", 1),
    Key("only_forwards", "i", "screen.only", "forwards", "only forwards with an answer like this one", "only", 2),
    Key("without_forwards", "I", "screen.exclude", "forwards", "no forwards with an answer like this one"),
    Key("mark_forward", "m", "screen.mark", "forwards", "mark the forward, or take the mark away"),
    Key(
        "compare_forward",
        "equals_sign",
        "screen.compare",
        "forwards",
        "compare the answer with that of the marked forward, or of the one before of the event",
        "compare",
        4,
    ),
    Key("copy_answer", "y", "screen.copy", "forwards", "copy the body of the answer", "copy", 5),
    Key("forward_down", "down,j", "move(1)", "forwards", "one forward down"),
    Key("forward_up", "up,k", "move(-1)", "forwards", "one forward up"),
    Key("forwards_down", "pagedown", "page(1)", "forwards", "one page down"),
    Key("forwards_up", "pageup", "page(-1)", "forwards", "one page up"),
    Key("newest_forward", "g,home,F", "edge(-1)", "forwards", "to the newest forward, and follow", "follow", 6),
    Key("oldest_forward", "G,end", "edge(1)", "forwards", "to the oldest forward that was read"),
    Key("hold_forwards", "space", "screen.pause", "forwards", "pause the list, or go on"),
    Key("event_of_answer", "enter", "screen.open", "answer", "go to the event", "event", 2),
    Key(
        "only_in_answer", "i", "screen.only", "answer", "only forwards with the value under the cursor", "only", 3
    ),
    Key("without_in_answer", "I", "screen.exclude", "answer", "no forwards with the value under the cursor"),
    Key("copy_in_answer", "y", "screen.copy", "answer", "copy the value under the cursor", "copy value", 1),
    Key("copy_this_answer", "Y", "screen.copy_body", "answer", "copy the body of the answer"),
    Key("mark_this_answer", "m", "screen.mark", "answer", "mark the forward, or take the mark away"),
    Key(
        "compare_answer",
        "equals_sign",
        "screen.compare",
        "answer",
        "compare with the answer of the marked forward, or of the one before of the event",
    ),
    Key("answer_down", "down,j", "move(1)", "answer", "one line down"),
    Key("answer_up", "up,k", "move(-1)", "answer", "one line up"),
    Key("answer_page_down", "pagedown,space", "page(1)", "answer", "one page down"),
    Key("answer_page_up", "pageup", "page(-1)", "answer", "one page up"),
    Key("answer_top", "g,home", "edge(-1)", "answer", "to the top"),
    Key("answer_bottom", "G,end", "edge(1)", "answer", "to the bottom"),
    Key("do_step", "enter,space", "press", "set_up", "do the step under the cursor", "do it", 1),
    Key("copy_address", "y", "screen.copy", "set_up", "copy the address of the webhook", "copy address", 2),
    Key("step_down", "down,j", "move(1)", "set_up", "next step"),
    Key("step_up", "up,k", "move(-1)", "set_up", "step before"),
    Key("first_step", "g,home", "edge(-1)", "set_up", "to the first step"),
    Key("last_step", "G,end", "edge(1)", "set_up", "to the last step"),
    Key("next_tab", "right_square_bracket", "screen.tab(1)", "detail", "next tab", "next tab", 2),
    Key("previous_tab", "left_square_bracket", "screen.tab(-1)", "detail", "previous tab"),
    Key("line_down", "down,j", "move(1)", "detail", "one line down"),
    Key("line_up", "up,k", "move(-1)", "detail", "one line up"),
    Key("fold", "space,enter", "fold", "detail", "fold or unfold; one page down where nothing folds", "fold", 4),
    Key("lines_down", "pagedown", "page(1)", "detail", "one page down"),
    Key("lines_up", "pageup", "page(-1)", "detail", "one page up"),
    Key("top", "g,home", "edge(-1)", "detail", "to the top"),
    Key("bottom", "G,end", "edge(1)", "detail", "to the bottom"),
    Key("line_right", "right", "across(1)", "detail", "unfold, go to the first child, or sideways to the right"),
    Key("line_left", "left", "across(-1)", "detail", "sideways to the left, fold, or go to what it is in"),
    Key("far_right", "greater_than_sign", "far(1)", "detail", "to the right by what is in sight"),
    Key("far_left", "less_than_sign", "far(-1)", "detail", "to the left by what is in sight"),
    Key("line_end", "dollar_sign", "sideways(1000000000)", "detail", "to the end of long lines"),
    Key("line_start", "circumflex_accent", "sideways(-1000000000)", "detail", "to the beginning of long lines"),
    Key("deeper", "plus", "levels(1)", "detail", "unfold one level more"),
    Key("shallower", "minus", "levels(-1)", "detail", "fold the deepest level that is seen"),
    Key("unfold_all", "asterisk", "unfold_all", "detail", "unfold all"),
    Key("fold_all", "underscore", "fold_all", "detail", "fold all"),
    Key("find", "f", "find", "detail", "show only the keys and values that have a text", "find", 3),
    Key("next_hit", "n", "hit(1)", "detail", "next hit", "next hit", 5),
    Key("previous_hit", "N", "hit(-1)", "detail", "hit before"),
    Key("copy_value", "y", "screen.copy", "detail", "copy the value under the cursor", "copy value", 1),
    Key("only_line", "i", "screen.only", "detail", "only events with the value under the cursor"),
    Key("without_line", "I", "screen.exclude", "detail", "no events with the value under the cursor"),
    Key("copy_value_as", "Y", "screen.copy_as", "detail", "copy as path, value, JSON, curl, httpx, pytest"),
    Key("this_message_later", "o", "screen.along('message',1)", "detail", "to the next event of the same message"),
    Key(
        "this_message_earlier",
        "O",
        "screen.along('message',-1)",
        "detail",
        "to the event before of the same message",
    ),
    Key("next_failure", "e", "screen.along('failures',1)", "detail", "to the next failed event"),
    Key("previous_failure", "E", "screen.along('failures',-1)", "detail", "to the failed event before"),
    Key("apply", "enter", "screen.apply", "field", "apply the filter", "apply", 1),
    Key("discard", "escape", "discard", "field", "leave, and keep the filter as it was", "leave", 2),
    Key("clear", "ctrl+u", "clear", "field", "clear the line", "clear", 4),
    Key(
        "earlier",
        "up",
        "history(-1)",
        "field",
        "the filter before, or the candidate before while there is a list",
        "history",
        5,
    ),
    Key("later", "down", "history(1)", "field", "the filter after, or the next candidate"),
    Key(
        "complete", "tab", "complete(1)", "field", "complete the word, or put in the next candidate", "complete", 3
    ),
    Key("complete_back", "shift+tab", "complete(-1)", "field", "the candidate before"),
    Key("confirm", "enter", "screen.confirm", "sheet", "do what the sheet says", "do it", 1),
    Key("leave_sheet", "escape", "screen.leave_sheet", "sheet", "leave, and do nothing", "leave", 2),
    Key("choose_next", "down", "screen.choose(1)", "sheet", "the next choice"),
    Key("choose_previous", "up", "screen.choose(-1)", "sheet", "the choice before"),
    Key("next_field", "tab", "app.focus_next", "sheet", "next field"),
    Key("previous_field", "shift+tab", "app.focus_previous", "sheet", "field before"),
    Key("clear_field", "ctrl+u", "screen.clear", "sheet", "clear the field"),
    Key("edit_body", "ctrl+o", "screen.edit_body", "resend", "change the body in $VISUAL or $EDITOR", "edit", 1),
    Key("twice", "ctrl+t", "screen.twice", "resend", "send it twice and compare the answers, or once", "twice", 2),
    Key(
        "another_target",
        "ctrl+r",
        "screen.another_target",
        "resend",
        "a target that was named before",
        "target",
        3,
    ),
    Key("with_marked", "ctrl+b", "screen.with_marked", "resend", "send the marked event with it, or no longer"),
    Key(
        "next_scope",
        "ctrl+t",
        "screen.next_scope",
        "export",
        "other events: all, the one here, the marked",
        "which",
        1,
    ),
    Key("redact", "ctrl+r", "screen.redact", "export", "replace personal data, or no longer", "redact", 2),
    Key("find_keep", "enter", "keep", "find", "go to what was found", "keep", 1),
    Key("find_lift", "escape", "lift_find", "find", "leave, and show all again", "show all", 2),
    Key("find_next", "down", "hit(1)", "find", "next hit", "next hit", 3),
    Key("find_previous", "up", "hit(-1)", "find", "hit before"),
    Key("find_clear", "ctrl+u", "clear", "find", "clear the line", "clear", 4),
    Key("compare", "equals_sign", "screen.compare", "stream", "compare with the marked event, or the one before"),
    Key(
        "compare_this",
        "equals_sign",
        "screen.compare",
        "detail",
        "compare with the marked event or the one before",
    ),
    Key("diff_down", "down,j", "move(1)", "diff", "one line down"),
    Key("diff_up", "up,k", "move(-1)", "diff", "one line up"),
    Key("diff_page_down", "pagedown,space", "page(1)", "diff", "one page down"),
    Key("diff_page_up", "pageup", "page(-1)", "diff", "one page up"),
    Key("diff_top", "g,home", "edge(-1)", "diff", "to the top"),
    Key("diff_bottom", "G,end", "edge(1)", "diff", "to the bottom"),
    Key("copy_side", "y", "screen.copy", "diff", "copy the path or the value under the cursor", "copy", 1),
    Key("diff_close", "escape,q,equals_sign", "screen.close", "diff", "close", "close", 2),
    Key("help_down", "down,j", "move(1)", "help", "one line down"),
    Key("help_up", "up,k", "move(-1)", "help", "one line up"),
    Key("help_page_down", "pagedown,space", "page(1)", "help", "one page down"),
    Key("help_page_up", "pageup", "page(-1)", "help", "one page up"),
    Key("help_top", "g,home", "edge(-1)", "help", "to the top"),
    Key("help_bottom", "G,end", "edge(1)", "help", "to the bottom"),
    Key("help_close", "escape,q,question_mark", "close", "help", "close", "close", 1),
    Key("events", "1", "app.board('events')", "everywhere", "the screen of events"),
    Key("types", "2", "app.board('types')", "everywhere", "the screen of types"),
    Key("messages", "3", "app.board('messages')", "everywhere", "the screen of messages"),
    Key("runs", "4", "app.board('runs')", "everywhere", "the screen of runs"),
    Key("failures", "5", "app.board('failures')", "everywhere", "the screen of failures"),
    Key("quarantine", "6", "app.board('quarantine')", "everywhere", "the screen of quarantine"),
    Key("forwards", "7", "app.board('forwards')", "everywhere", "the screen of forwards"),
    Key("filter", "slash", "filter", "everywhere", "filter the events", "filter", 1),
    Key("lift", "backslash", "lift", "everywhere", "lift all filters, or restore them", "lift", 7),
    Key("save_filter", "s", "save_filter", "everywhere", "give the filter a name"),
    Key("resend", "r", "resend", "everywhere", "send the event under the cursor to an app again", "resend", 11),
    Key("export", "x", "export", "everywhere", "write events to a file"),
    Key("secrets", "S", "secrets", "everywhere", "set the signing secret, list and remove secrets"),
    Key("tunnel", "T", "app.tunnel", "everywhere", "make the relay reachable for Knock, or end that"),
    Key("goto", "t", "goto", "everywhere", "go to a time"),
    Key("forward", "L", "app.forward", "everywhere", "forward events to a local app as they come, or stop that"),
    Key("pause", "p", "pause", "everywhere", "pause the list, or go on", "pause", 3),
    Key("span", "w", "span", "everywhere", "counts of a minute, of 15, of an hour, of all", "span", 10),
    Key("zoom", "z", "zoom", "everywhere", "give the pane the whole screen, or take it back", "zoom", 8),
    Key("next_pane", "tab", "app.focus_next", "everywhere", "next pane"),
    Key("previous_pane", "shift+tab", "app.focus_previous", "everywhere", "previous pane"),
    Key("palette", "ctrl+p,colon", "app.command_palette", "everywhere", "every action by name", "palette", 9),
    Key("back", "escape", "back", "everywhere", "one step back"),
    Key("leave", "q", "leave", "everywhere", "one step back; quit when there is none", "quit", 6),
    Key("mouse", "f2", "app.mouse", "everywhere", "leave the mouse to the terminal, or take it"),
    Key("quit", "ctrl+q", "app.quit", "everywhere", "quit"),
    Key("help", "question_mark,f1", "app.keys", "everywhere", "the keys of this pane", "help"),
)

_FUNCTION = re.compile(r"f\d+")
_AS_LABELLED: Mapping[str, str] = {}

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}

_SHOWN = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "slash": "/",
    "backslash": "\\",
    "colon": ":",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "underscore": "_",
    "dollar_sign": "$",
    "circumflex_accent": "^",
    "question_mark": "?",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


TYPING: tuple[Pane, ...] = ("field", "find")
"""Panes in which letters type."""


def bindings(*panes: Pane) -> list[BindingType]:
    """Give what a widget or screen binds for its panes. The names are ids, so that a keymap can override them."""
    return [
        Binding(key.keys, key.action, key.text, show=False, id=key.name, priority=key.name == "quit")
        for key in KEYS
        if key.pane in panes
    ]


def shown(key: str) -> str:
    """Write one key as people do: `Ctrl-P`, `Enter`, `?`."""
    if key in _SHOWN:
        return _SHOWN[key]
    *modifiers, last = key.split("+")
    last = _SHOWN.get(last, last.upper() if modifiers or _FUNCTION.fullmatch(last) else last)
    return "-".join([*(modifier.capitalize() for modifier in modifiers), last])


def keys_of(key: Key, changed: Mapping[str, str]) -> list[str]:
    """Give the keys of an action as they are written, those of the user before ours."""
    return [shown(one.strip()) for one in changed.get(key.name, key.keys).split(",") if one.strip()]


def help_key(pane: Pane, changed: Mapping[str, str]) -> str:
    """Give the key for help as it is written: where letters type, one that does not."""
    written = keys_of(BY_NAME["help"], changed) or ["?"]
    return next((key for key in written if len(key) > 1), written[0]) if pane in TYPING else written[0]


def hints(
    pane: Pane, changed: Mapping[str, str], words: Mapping[str, str] = _AS_LABELLED
) -> Iterator[tuple[str, str]]:
    """Give what the footer shows in a pane, the most useful first: a key and its word. Help is not among them.

    `words` are other words for now, by the name of the key; a key is left out where its word is empty.
    """
    panes: tuple[Pane, ...] = (pane,) if pane in CLOSED else (pane, "everywhere")
    chosen = sorted((key for key in KEYS if key.pane in panes and key.rank), key=lambda key: key.rank)
    for key in chosen:
        written, word = keys_of(key, changed), words.get(key.name, key.label)
        if written and word:
            yield written[0], word


def clashes(changed: Mapping[str, str]) -> list[str]:
    """Say which keys of the user are of no action, or mean two things in one pane."""
    problems = [f"no action is called {name}" for name in changed if name not in BY_NAME]
    for pane in PANES:
        taken: dict[str, str] = {}
        for key in _within(pane):
            for one in keys_of(key, changed):
                other = taken.setdefault(one, key.name)
                if other != key.name:
                    problems.append(f"{one} means both {other} and {key.name} in the pane {PANES[pane]}")
    return sorted(set(problems))


def _within(pane: Pane) -> Iterable[Key]:
    panes = (pane,) if pane in CLOSED else (pane, "everywhere")
    return (key for key in KEYS if key.pane in panes)
