"""Runs in the VM: an outbox with a list of orders, as JSON in the file `orders`. It prints the result of each.

["append", n] writes n records, ["take", n] reads and drops at most n, ["open"] restarts; ["cut", left, torn]
cuts the power `left` writes later, and the outbox is opened again afterwards.
"""

import json

import littlefs
from life import say
from outbox import Outbox
from records import RECORD, pack, unpack

SEGMENTS = 3
# The VM's arguments have at most 255 bytes. The computer's files are visible until the board's flash is mounted.
with open("orders") as file:  # noqa: PTH123
    orders = json.load(file)
flash = littlefs.fresh(64)
littlefs.mount(flash)
outbox = Outbox("o", SEGMENTS)
newest = 0


def append(count):
    global newest
    data = bytearray(count * RECORD)
    for index in range(count):
        newest += 1
        pack(data, index, 7, newest, 0, 0, 0, 1)
    outbox.append(data)


def take(most):
    count = outbox.peek(most)
    seqs = [unpack(outbox.buffer, index)[1] for index in range(count)]
    outbox.drop(count)
    return seqs


def cut(left, torn):
    flash.left, flash.torn = left, torn


def reopen():
    global outbox
    outbox = Outbox("o", SEGMENTS)


ORDERS = {"append": append, "take": take, "cut": cut, "open": reopen}

for name, *arguments in orders:
    try:
        say(name, "done", ORDERS[name](*arguments), newest)
    except littlefs.PowerCut:
        littlefs.unmount()
        flash = littlefs.Flash(flash.data)
        littlefs.mount(flash)
        reopen()
        say(name, "cut", None, newest)
flash.left = None
while len(outbox):
    say("take", "done", take(25), newest)
say("end", outbox.dropped, outbox.damaged, newest)
