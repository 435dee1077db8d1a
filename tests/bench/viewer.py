"""A viewer for benchmarks, in a process of its own: follows the stream and prints how many events it saw."""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec
from websockets.asyncio.client import connect


class Frame(msgspec.Struct):
    """As much of a frame as counting needs."""

    op: str
    items: list[msgspec.Raw] = []


async def follow(url: str, token: str) -> int:
    """Count events until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    decode = msgspec.json.Decoder(Frame).decode
    seen = 0
    headers = {"authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers, compression=None, max_size=8 << 20, proxy=None) as socket:
        print("attached", flush=True)

        async def count() -> None:
            nonlocal seen
            async for text in socket:
                frame = decode(text)
                if frame.op == "events":
                    seen += len(frame.items)

        counting = asyncio.create_task(count())
        await stop.wait()
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
    return seen


if __name__ == "__main__":
    print(asyncio.run(follow(sys.argv[1], sys.argv[2])), flush=True)
