"""Small shared libraries that the tools need, compiled once."""

from scripts.base import console, files
from scripts.build import sslprefix


def shared_library(source, variant, compiler=None, name=None):
    """Compile *source* (Path of a C file), again if it changed.

    compiler: the command and its options, CC by default.  name: of the
    library, without ".so".  Returns its Path, below *variant*'s folder.
    """
    folder = variant.root / 'native'
    folder.mkdir(exist_ok=True)
    library = folder / ((name or source.stem) + '.so')
    argv = list(compiler or sslprefix.compiler() + ['-O2', '-Wall']) + [
        '-fPIC', '-shared', str(source), '-o', str(library), '-ldl']
    stamp = library.with_name(library.name + '.made-of')
    identity = '{}\n{}\n'.format(files.sha256_of(source), ' '.join(argv))
    if files.read(stamp) != identity or not library.exists():
        console.run(argv, log=variant.log_dir / 'native.log',
                    title='compiling ' + source.name)
        files.write(stamp, identity)
    return library
