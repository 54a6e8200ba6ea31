"""What is handed to packagers: make dist, bases, debian, rpm and pyenv."""
