"""Who moves the camera, and for how long: flights, held keys, wheels."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from core.geometry.camera import Pinhole
from tests.viewport_scenes import around
from widgets.viewport.flight import FLIGHT, PhotoCamera
from widgets.viewport.hands import wheel_steps
from widgets.viewport.navigation import Camera, Side, orbited, position
from widgets.viewport.pilot import SETTLED, Pilot

FORWARD = (0, 0, 1)


def some_pilot() -> Pilot:
    pilot = Pilot()
    pilot.size, pilot.camera = (480, 320), Camera()
    return pilot


def some_photo() -> PhotoCamera:
    placed = around().photos[0]
    return PhotoCamera(placed.name, Pinhole(320, 240, 300, 300, 160, 120), placed.camera_from_scene)


def test_flights_begin_here_end_there_and_are_over() -> None:
    pilot = some_pilot()
    before = pilot.eye(1.0)
    pilot.look_from(Side.TOP, 1.0)
    assert np.allclose(pilot.eye(1.0).centre, before.centre)
    assert pilot.flying
    assert np.allclose(pilot.eye(1.01 + FLIGHT).forward, (0, -1, 0))
    assert not pilot.flying


def test_without_motion_one_is_there_at_once() -> None:
    pilot = some_pilot()
    pilot.still_motion = True
    pilot.look_from(Side.TOP, 1.0)
    assert np.allclose(pilot.eye(1.0).forward, (0, -1, 0))


def test_held_keys_carry_as_far_as_the_time_however_often_it_is_asked() -> None:
    ends = []
    for steps in (4, 40):
        pilot = some_pilot()
        pilot.hold(1, FORWARD, 0.0)
        for now in np.linspace(0, 0.3, steps):
            pilot.step(float(now))
        pilot.release(1, 0.3)
        pilot.step(9.0)
        ends.append(position(pilot.camera))
    assert np.allclose(*ends)
    assert ends[0][2] < 4.0


def test_a_program_that_hung_does_not_leap() -> None:
    pilot = some_pilot()
    pilot.hold(1, FORWARD, 0.0)
    pilot.step(60.0)
    assert position(pilot.camera)[2] > 3.5


def test_opposite_keys_cancel_and_all_can_be_let_go() -> None:
    pilot = some_pilot()
    before = position(pilot.camera)
    pilot.hold(1, FORWARD, 0.0)
    pilot.hold(2, (0, 0, -1), 0.0)
    pilot.step(0.1)
    assert np.array_equal(position(pilot.camera), before)
    pilot.release(None, 0.1)
    assert not pilot.flying


def test_it_counts_as_moving_until_a_moment_after() -> None:
    pilot = some_pilot()
    assert not pilot.moving(1.0)
    pilot.move(lambda camera: orbited(camera, 3, 4, pilot.size), 1.0)
    assert pilot.touched
    assert pilot.moving(1.0 + 0.9 * SETTLED)
    assert not pilot.moving(1.0 + 1.1 * SETTLED)


def test_a_photo_is_left_where_it_was_taken() -> None:
    pilot = some_pilot()
    pilot.enter_photo(some_photo(), 3.0, 1.0)
    there = pilot.eye(2.0)
    pilot.move(lambda camera: camera, 3.0)
    assert pilot.photo is None
    assert np.allclose(pilot.eye(4.0).centre, there.centre)
    assert pilot.eye(4.0).fy == pytest.approx(there.fy)
    assert pilot.camera.offset[2] == 3.0


def test_parallel_pictures_stay_so_when_a_photo_is_left() -> None:
    pilot = some_pilot()
    pilot.camera = replace(pilot.camera, orthographic=True)
    pilot.enter_photo(some_photo(), 3.0, 1.0)
    assert not pilot.eye(2.0).orthographic
    pilot.leave_photo(3.0)
    assert not pilot.eye(4.0).orthographic


def test_wheels_and_trackpads_zoom_alike() -> None:
    assert wheel_steps(QPoint(), QPoint(0, 120)) > 0
    assert wheel_steps(QPoint(0, -10), QPoint(0, -120)) == -wheel_steps(
        QPoint(0, 10), QPoint(0, 120)
    )
    assert abs(wheel_steps(QPoint(0, 10), QPoint(0, 120))) < wheel_steps(QPoint(), QPoint(0, 120))
