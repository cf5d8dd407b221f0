# Debian's packages for the live tests' scripts, which source this: taken with the mirror that this machine's apt is set
# up with, and never installed.

readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly FETCH_SECONDS=240

tell() { printf '%s\n' "$*" >&2; }
missing() { tell "$*"; exit 3; }

# mirror SUITE: the address of a package mirror, best one that this machine takes that suite from.
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
        | awk -v suite="$1" '$3 == "main" && $1 !~ /security/ && ($2 == suite || !first) { first = $1; if ($2 == suite) exit }
               END { print first }'
}

# apt_apart FOLDER "deb|deb-src SUITE"...: have apt-get and apt-cache work in FOLDER from now on, with these suites; the
# machine's own package lists and installed packages are only read.
apt_apart() {
    local folder=$1 from line
    shift
    [[ -r $KEYRING ]] || missing "this machine has no keyring of Debian's: apt-get install debian-archive-keyring"
    from=$(mirror sid)
    [[ -n $from ]] || missing "apt has no Debian mirror set up"
    mkdir -p "$folder"/{lists/partial,cache/archives/partial,state}
    cp /var/lib/dpkg/status "$folder/state/status"
    for line in "$@"; do echo "${line% *} [signed-by=$KEYRING] $from ${line#* } main"; done >"$folder/sources.list"
    cat >"$folder/apt.conf" <<CONF
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$folder/state";
Dir::State::Lists "$folder/lists";
Dir::State::status "$folder/state/status";
Dir::Cache "$folder/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
CONF
    export APT_CONFIG=$folder/apt.conf
    timeout "$FETCH_SECONDS" apt-get update -qq </dev/null >&2 || missing "apt-get update for Debian ${*#* } failed"
}
