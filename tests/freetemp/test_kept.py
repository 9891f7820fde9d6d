"""What a process keeps, up to a number."""

from freetemp.kept import Kept


def test_the_oldest_values_make_room():
    kept = Kept(3)
    for number in range(5):
        kept.put(number, str(number))
    assert [kept.get(number) for number in range(5)] == [None, None, "2", "3", "4"]


def test_a_value_that_was_used_stays_longer_than_one_that_was_not():
    kept = Kept(2)
    kept.put(1, "1")
    kept.put(2, "2")
    kept.get(1)
    kept.put(3, "3")
    assert [kept.get(number) for number in (1, 2, 3)] == ["1", None, "3"]


def test_values_that_are_asked_for_together_come_in_the_order_of_their_keys_and_count_as_used():
    kept = Kept(3)
    for number in range(3):
        kept.put(number, str(number))
    assert kept.get_each([1, 7, 0]) == ["1", None, "0"]
    kept.put(3, "3")
    assert kept.get_each(range(4)) == ["0", "1", None, "3"]


def test_large_values_leave_room_for_fewer_and_none_for_one_that_is_too_large():
    kept = Kept(10, len)
    for text in ("aaaa", "bbbb", "cc", "dddd"):
        kept.put(text[0], text)
    assert [kept.get(each) for each in "abcd"] == [None, "bbbb", "cc", "dddd"]
    kept.put("c", "cccccc")
    assert [kept.get(each) for each in "bcd"] == [None, "cccccc", "dddd"]
    kept.put("e", "e" * 11)
    assert [kept.get(each) for each in "bcde"] == [None] * 4
    kept.put("a", "aaaaaaaaaa")
    assert kept.get("a") == "aaaaaaaaaa"
