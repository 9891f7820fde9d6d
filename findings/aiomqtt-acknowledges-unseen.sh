#!/usr/bin/env bash
# aiomqtt acknowledges a QoS 1 message before the program has seen it.
#
# One would guess: "at least once" extends to `async for message in client.messages`. If the loop has not reached a
#   message before a crash, the broker sends it again, as a persistent session promises.
# In fact: a message is acknowledged when it is put into the client's queue in memory. A program that is killed while it
#   stores the first of three messages has lost the other two, and the broker will not repeat them.
# Met by: a consumer that stores the messages of sensors. paho-mqtt itself has manual_ack. aiomqtt is built on it, and
#   does not.
# Seen with: aiomqtt 2.5.1, paho-mqtt 2.2.0. The broker here speaks just enough MQTT 3.1.1 to see the
#   acknowledgements.
source "$(dirname "$0")/common.sh"

from_pypi aiomqtt==2.5.1 paho-mqtt==2.2.0

cat >consumer.py <<'PROGRAM'
import asyncio

import aiomqtt

CONNECT, PUBACK, SUBSCRIBE = 1, 4, 8
acknowledged = []
all_acknowledged = asyncio.Event()


async def broker(reader, writer):
    """Answer CONNECT and SUBSCRIBE, publish three messages at QoS 1, and note what is acknowledged."""
    while head := await reader.read(1):
        body = await reader.readexactly((await reader.readexactly(1))[0])  # lengths below 128 are one byte
        kind = head[0] >> 4
        if kind == CONNECT:
            writer.write(bytes([0x20, 2, 0, 0]))
        elif kind == SUBSCRIBE:
            writer.write(bytes([0x90, 3]) + body[:2] + bytes([1]))
            for number in (1, 2, 3):
                writer.write(bytes([0x32, 9, 0, 1]) + b"t" + bytes([0, number]) + b"21.%d" % number)
        elif kind == PUBACK:
            acknowledged.append(body[1])
            if len(acknowledged) == 3:
                all_acknowledged.set()
    writer.close()


async def main():
    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with aiomqtt.Client("127.0.0.1", port, identifier="store", clean_session=False) as client:
        await client.subscribe("t", qos=1)
        async for message in client.messages:
            print("the program is at its first message:", message.payload.decode())
            await asyncio.wait_for(all_acknowledged.wait(), 30)  # where it would store the message
            print("the broker has acknowledgements of", acknowledged)
            break


asyncio.run(main())
PROGRAM

prints python consumer.py <<'SEEN'
the program is at its first message: 21.1
the broker has acknowledgements of [1, 2, 3]
SEEN
