"""lmtui demo."""

import argparse


def demo(options: argparse.Namespace) -> int:
    """Show a migration between two throw-away servers."""
    from lmtui.demo.headless import headless

    return headless(options)
