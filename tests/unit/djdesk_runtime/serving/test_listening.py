import socket

import pytest

from djdesk_runtime.errors import PortError
from djdesk_runtime.serving.listening import listen


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
