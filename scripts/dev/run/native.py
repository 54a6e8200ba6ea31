"""Small shared libraries that the tools need, compiled once."""

from scripts.base import console, files, once
from scripts.build import sslprefix


def shared_library(source, variant, compiler=None, name=None):
    """Compile *source* (Path of a C file), again if it changed.

    compiler: the command and its options, CC by default.  name: of the
    library, without ".so".  Returns its Path, below *variant*'s folder.
    """
    library = variant.root / 'native' / ((name or source.stem) + '.so')
    argv = list(compiler or sslprefix.compiler() + ['-O2', '-Wall']) + [
        '-fPIC', '-shared', str(source), '-o', str(library), '-ldl']
    for _ in once.made(library, '{}\n{}\n'.format(
            files.sha256_of(source), ' '.join(argv))):
        console.run(argv, log=variant.log_dir / 'native.log',
                    title='compiling ' + source.name)
    return library
