import threading

from streamreports.streaming.slots import acquire_slot


class View:
    pass


def test_there_are_as_many_places_as_may_be():
    places = [acquire_slot(View, 2) for _ in range(3)]
    assert [place is not None for place in places] == [True, True, False]
    for place in places[:2]:
        place.free()


def test_a_place_that_is_freed_is_had_again():
    acquire_slot(View, 1).free()
    place = acquire_slot(View, 1)
    assert place is not None
    place.free()


def test_a_place_is_freed_once():
    first, second = acquire_slot(View, 2), acquire_slot(View, 2)
    first.free()
    first.free()
    third, fourth = acquire_slot(View, 2), acquire_slot(View, 2)
    assert (third is None, fourth is None) == (False, True)
    second.free()
    third.free()


def test_each_view_has_places_of_its_own():
    place, other = acquire_slot(View, 1), acquire_slot(type("Other", (), {}), 1)
    assert other is not None
    place.free()


def test_there_is_always_a_place_where_there_is_no_limit():
    places = [acquire_slot(View, None) for _ in range(100)]
    assert None not in places
    for place in places:
        place.free()


def test_threads_take_no_more_places_than_there_are():
    places = []
    threads = [
        threading.Thread(target=lambda: places.append(acquire_slot(View, 5))) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [place for place in places if place is not None]
    assert len(taken) == 5
    for place in taken:
        place.free()
