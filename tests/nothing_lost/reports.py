"""Readings of a report of many that are refused: docs/nothing-lost.md."""

from readings import ingest
from tests.nothing_lost.walk import day


def one(seq=1, value=21.4, field=1, **moment):
    return {"seq": seq, "field": field, "value": value} | (moment or {"age": 60})


def is_stored(said, count=1):
    return said.startswith("200 ") and f'"stored":{count},' in said


def too_large(walk):
    readings = [one(seq, age=2_000 - seq) for seq in range(1, 1_002)]
    yield {"board": walk.post(*readings) + walk.post(body=b" " * (256 * 1024 + 1))}
    yield is_stored(walk.post(*readings[:500]), 500) and is_stored(walk.post(*readings[500:]), 501)


def too_many(walk):
    walk.monkeypatch.setattr("readings.ingest.batch_rate.BURST", 0.0)
    walk.monkeypatch.setattr("readings.ingest.batch_rate.A_SECOND", 1e-6)
    assert is_stored(walk.post(one(1)))
    yield {"board": walk.post(one(2))}
    walk.monkeypatch.setattr("readings.ingest.batch_rate.BURST", 100.0)
    yield is_stored(walk.post(one(2)))


def disk_reserve(walk):
    reserve = "freetemp.disk_reserve.settings.DISK_RESERVE_MB"
    walk.monkeypatch.setattr(reserve, 10**9)
    walk.monkeypatch.setattr("freetemp.disk_reserve.LOOK_EVERY_S", -1)
    assert walk.again(), "single values are still taken"
    yield {"board": walk.post(one()), "command": walk.imports("measured_at,temperature\n2026-06-01T12:00:00Z,21.4\n")}
    walk.monkeypatch.setattr(reserve, 0)
    yield is_stored(walk.post(one()))


def no_report(walk):
    bare = {"field": 1, "value": 21.4}
    lines = [
        walk.post(body=b"\xff"),
        walk.post(body=b"{}"),
        walk.post(boot="x"),
        walk.post(bare, boot=None),
        walk.post(bare),
        walk.post(bare | {"seq": 1}),
        walk.post(one(at="x")),
        walk.post(trouble=1),
    ]
    yield {"board": "\n".join(lines)}
    yield is_stored(walk.post(one()))


def board_left_out(walk):
    yield {"board": walk.post(one(), board={"rssi": "good", "up": 5})}
    yield False


def rejected_field(walk):
    yield {"board": walk.post(one(field=9))}
    walk.station.fields.create(number=9, name="soil")
    yield is_stored(walk.post(one(seq=2, field=9)))


def rejected_value(walk):
    yield {"board": walk.post(one(value="21.4"))}
    yield is_stored(walk.post(one(seq=2)))


def rejected_other_value(walk):
    at = walk.now_s() - 60
    walk.post(one(1, 20.0, at=at))
    yield {"board": walk.post(one(2, 21.4, at=at))}
    walk.command("remove_readings", "Garden", "--below", 21, "--yes")
    yield is_stored(walk.post(one(3, 21.4, at=at))) and walk.values() == [21.4]


def rejected_future(walk):
    yield {"board": walk.post(one(at=walk.now_s() + 3_600))}
    yield is_stored(walk.post(one(seq=2, age=0)))


def rejected_past(walk):
    moments = [{"at": walk.now_s() - 946_684_800}, {"at": 1_000}, {"at": -5}, {"age": 2e9}]
    yield {"board": walk.post(*[one(seq, **moment) for seq, moment in enumerate(moments, 1)])}
    is_again = is_stored(walk.post(one(seq=5)))
    yield is_again and "1 stored" in walk.imports("measured_at,temperature\n2009-01-01T12:00:00Z,21.4\n")


def rejected_old(walk):
    list(ingest.summarise(walk.station, day(walk, ago=10)))
    yield {"board": walk.post(one(at=int(day(walk, ago=11).timestamp())))}
    assert walk.values() == []
    yield False


def repeat_by_seq(walk):
    at = walk.now_s() - 60
    walk.post(one(5, 20.0, at=at))
    yield {"board": walk.post(one(5, 21.4, at=at + 1))}
    assert walk.values() == [20.0]
    yield is_stored(walk.post(one(6, 21.4, at=at + 1)))


def repeat_by_moment(walk):
    at = walk.now_s() - 60
    walk.post({"field": 1, "value": 21.4, "at": at}, boot=None)
    yield {"board": walk.post({"field": 1, "value": 21.4, "at": at}, boot=None)}
    yield walk.values() == [21.4]
