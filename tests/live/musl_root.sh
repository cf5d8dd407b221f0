#!/bin/bash
# Makes a root file system of musl, zlib and CPython 3.11, with no shell and nothing else in it.
#
#   tests/live/musl_root.sh FOLDER
#
# There is no such Python among the packages that tests may take, so it is compiled, in about two minutes: musl from
# Debian sid, the sources of zlib and Python from bookworm. Of Python's own modules those are there that need no other
# library; all are part of the program.
# Exit 3: it cannot be made, and the last line on stderr says why.
set -euo pipefail

readonly TARGET=$1
readonly WORK=$TARGET.work
readonly TRIPLET=$(uname -m)-linux-musl
readonly LIBRARIES=$WORK/musl/usr/lib/$TRIPLET
readonly HEADERS=$WORK/musl/usr/include/$TRIPLET
readonly LOADER=ld-musl-$(uname -m).so.1
source "${BASH_SOURCE%/*}/debian_apart.sh"

fetch() {
    mkdir -p "$WORK"/{debs,musl,zlib,python}
    apt_apart "$WORK/apt" "deb sid" "deb-src bookworm"
    cd "$WORK/debs"
    timeout "$FETCH_SECONDS" apt-get download -qq musl musl-dev || missing "apt-get download musl musl-dev failed"
    timeout "$FETCH_SECONDS" apt-get source --download-only -qq zlib/bookworm python3.11/bookworm \
        || missing "apt-get source zlib python3.11 failed"
    local package
    for package in *.deb; do dpkg-deb --extract "$package" "$WORK/musl"; done
    tar --extract --file zlib_*.orig.tar.* --directory "$WORK/zlib" --strip-components 1
    tar --extract --file python3.11_*.orig.tar.* --directory "$WORK/python" --strip-components 1
}

# link_with OPTIONS: a compiler for musl, as musl-gcc is, and what its linker is told of where programs find musl.
link_with() {
    cat >"$WORK/specs" <<SPECS
%rename cpp_options old_cpp_options

*cpp_options:
-nostdinc -isystem $HEADERS -isystem include%s %(old_cpp_options)

*cc1:
%(cc1_cpu) -nostdinc -isystem $HEADERS -isystem include%s

*link_libgcc:
-L$LIBRARIES -L .%s

*libgcc:
libgcc.a%s %:if-exists(libgcc_eh.a%s)

*startfile:
%{!shared: $LIBRARIES/Scrt1.o} $LIBRARIES/crti.o crtbeginS.o%s

*endfile:
crtendS.o%s $LIBRARIES/crtn.o

*link:
$1 -nostdlib %{shared:-shared} %{!shared:-pie} %{rdynamic:-export-dynamic}

SPECS
    cat >"$WORK/cc" <<PROGRAM
#!/bin/sh
case \$1 in *-print-multiarch) echo $TRIPLET; exit ;; esac
exec gcc -specs=$WORK/specs "\$@"
PROGRAM
    chmod +x "$WORK/cc"
    export CC=$WORK/cc
}

make_zlib() {
    cd "$WORK/zlib"
    ./configure --prefix="$WORK/musl/usr" --libdir="$LIBRARIES" --includedir="$HEADERS"
    make -s -j"$(nproc)" install
}

make_python() {
    cd "$WORK/python"
    cat >Modules/Setup.local <<MODULES
*static*
array arraymodule.c
_asyncio _asynciomodule.c
_bisect _bisectmodule.c
_contextvars _contextvarsmodule.c
_csv _csv.c
_datetime _datetimemodule.c
_heapq _heapqmodule.c
_json _json.c
_lsprof _lsprof.c rotatingtree.c
_multiprocessing _multiprocessing/multiprocessing.c _multiprocessing/semaphore.c
_opcode _opcode.c
_pickle _pickle.c
_posixsubprocess _posixsubprocess.c
_queue _queuemodule.c
_random _randommodule.c
_socket socketmodule.c
_struct _struct.c
_typing _typingmodule.c
_statistics _statisticsmodule.c
binascii binascii.c
cmath cmathmodule.c
fcntl fcntlmodule.c
grp grpmodule.c
math mathmodule.c
mmap mmapmodule.c
resource resource.c
select selectmodule.c
termios termios.c
unicodedata unicodedata.c
zlib zlibmodule.c -lz
_md5 md5module.c
_sha1 sha1module.c
_sha256 sha256module.c
_sha512 sha512module.c
MODULES
    ./configure --build="$TRIPLET" --prefix=/usr --without-ensurepip --disable-test-modules --without-static-libpython
    make -s -j"$(nproc)" OPT='-DNDEBUG -O1 -fwrapv' python
}

fill() {
    local library=$TARGET/usr/lib/python3.11
    mkdir -p "$TARGET"/{lib,usr/bin,usr/lib,tmp,root,etc} "$library/lib-dynload"
    chmod 1777 "$TARGET/tmp"
    cp "$LIBRARIES/libc.so" "$TARGET/lib/$LOADER"
    cp -P "$LIBRARIES"/libz.so.* "$TARGET/usr/lib/"
    cp "$WORK/python/python" "$TARGET/usr/bin/python3.11"
    strip --strip-debug "$TARGET/usr/bin/python3.11"
    ln -s python3.11 "$TARGET/usr/bin/python3"
    (cd "$WORK/python/Lib" && tar --create --exclude=test --exclude=tests --exclude=lib2to3 --exclude=idlelib \
        --exclude=tkinter --exclude=turtledemo --exclude=ensurepip --exclude=pydoc_data .) \
        | tar --extract --no-same-owner --directory "$library"
    echo 'root:x:0:0::/root:/usr/bin/python3' >"$TARGET/etc/passwd"
    python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
        && python3 -m compileall -q -s "$TARGET" "$library" || true  # only spares it to compile at each start
}

[[ -n $TARGET ]] || exit 2
command -v gcc >/dev/null || missing "there is no compiler: apt-get install gcc libc6-dev"
fetch
# While Python is made parts of it run here, so they find musl here; at the end the program is linked once more.
link_with "-dynamic-linker $LIBRARIES/libc.so -rpath $LIBRARIES"
make_zlib
make_python
link_with "-dynamic-linker /lib/$LOADER"
rm "$WORK/python/python"
make -s -C "$WORK/python" OPT='-DNDEBUG -O1 -fwrapv' python
fill
rm -rf --one-file-system -- "$WORK"
