"""What is said by those who end the program."""

import pytest


def failing(call, capsys):
    """What *call* says while it ends the program."""
    with pytest.raises(SystemExit) as error:
        call()
    assert error.value.code == 1
    captured = capsys.readouterr()
    return captured.out + captured.err
