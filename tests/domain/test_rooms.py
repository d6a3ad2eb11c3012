from bot.domain.rooms import Place, Room, Scope


def test_the_places_of_a_room_come_nearest_first_behind_the_member() -> None:
    room = Room(channel_id=3, guild_id=1, thread_id=4, category_id=2)
    assert room.places(7) == (
        Place(Scope.MEMBER, 7, None),
        Place(Scope.THREAD, 4, 1),
        Place(Scope.CHANNEL, 3, 1),
        Place(Scope.CATEGORY, 2, 1),
        Place(Scope.SERVER, 1, 1),
    )


def test_a_dm_is_its_own_room() -> None:
    room = Room(channel_id=9)
    assert room.is_dm
    assert room.scopes() == ((Scope.CHANNEL, 9),)
    assert [place.is_dm for place in room.places(7)] == [False, True]
    assert not Place(Scope.CHANNEL, 9, 1).is_dm
