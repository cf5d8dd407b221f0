"""The workbench's own colours. Every theme of Textual works too: nothing is drawn in a fixed colour."""

from textual.theme import Theme

WORKBENCH_DARK = Theme(
    name="workbench-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#5fd7d7",
    warning="#d7af5f",
    error="#ff6b6b",
    success="#87d787",
    foreground="#d0d4d8",
    background="#101418",
    surface="#161b20",
    panel="#1d242b",
    dark=True,
)
WORKBENCH_LIGHT = Theme(
    name="workbench-light",
    primary="#005f87",
    secondary="#3a6a6a",
    accent="#00707a",
    warning="#8a5a00",
    error="#b3261e",
    success="#1e6b2e",
    foreground="#1c2024",
    background="#fbfbf8",
    surface="#f2f2ee",
    panel="#e6e6e0",
    dark=False,
)
THEMES = (WORKBENCH_DARK, WORKBENCH_LIGHT)
