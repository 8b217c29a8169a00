import os
import socket
import sys
from pathlib import Path

import pytest

from djdesk_runtime.errors import PortError
from djdesk_runtime.serving.listening import listen, listen_on_given


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_listens_on_loopback_from_the_first_moment() -> None:
    with listen(0, ()) as listener:
        address = listener.getsockname()
        assert address[0] == "127.0.0.1"
        socket.create_connection(address).close()
        with pytest.raises(PortError):
            listen(address[1], ())


def test_the_port_that_is_wanted_wins() -> None:
    wanted, preferred = free_port(), free_port()
    with listen(wanted, [preferred]) as listener:
        assert listener.getsockname()[1] == wanted


def test_the_port_that_is_wanted_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            listen(port, [free_port()])


def test_preferred_ports_are_tried_in_order() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = free_port()
        with listen(None, [0, taken.getsockname()[1], port]) as listener:
            assert listener.getsockname()[1] == port


@pytest.mark.parametrize("preferred", [[], [0], [0, 0]])
def test_any_port_when_none_is_preferred(preferred: list[int]) -> None:
    with listen(None, preferred) as listener:
        assert listener.getsockname()[1] > 0


def test_any_port_when_all_that_are_preferred_are_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen(None, [port]) as listener:
            assert listener.getsockname()[1] not in {0, port}


@pytest.mark.skipif(sys.platform == "win32", reason="no socket can be given to a program there")
class TestGivenSocket:
    def test_a_given_socket_is_listened_on_and_outlives_it(self) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            listener = listen_on_given(os.dup(held.fileno()))
            assert listener is not None
            assert not listener.get_inheritable()
            address = held.getsockname()
            listener.close()
            with socket.create_connection(address), pytest.raises(PortError):
                listen(address[1], ())
            again = listen_on_given(os.dup(held.fileno()))
            assert again is not None
            with again, again.accept()[0]:
                assert again.getsockname() == address

    def test_what_is_no_socket_of_the_loopback_address_is_left_alone(self, tmp_path: Path) -> None:
        with socket.socket() as everywhere, (tmp_path / "file").open("wb") as file:
            everywhere.bind(("0.0.0.0", 0))
            for descriptor in (0, 1000, file.fileno(), everywhere.fileno()):
                assert listen_on_given(descriptor) is None
            assert everywhere.getsockname()[0] == "0.0.0.0"
            file.write(b"still open")

    def test_a_port_that_another_program_has_taken_is_not_waited_for(self) -> None:
        with socket.socket() as held, socket.socket() as thief:
            for one in (held, thief):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", 0))
            thief.bind(held.getsockname())
            thief.listen()
            assert listen_on_given(held.fileno()) is None
