# Part of package.sh: makes the Debian packages, installs them under a root of their own, uses them there
# and removes them. dpkg itself installs where it may, against the packages that this machine has.
command -v dpkg-shlibdeps >/dev/null || exit 77

(cd "$root" && cmake --preset deb -B "$work/deb" $one_unit && cmake --build "$work/deb" --target package)
library=$(echo "$work"/deb/packages/libspawned0_*.deb)
development=$(echo "$work"/deb/packages/libspawned-dev_*.deb)

# depends PACKAGE PATTERN: on nothing else.
depends() { dpkg-deb -f "$1" Depends | grep -xE "$2"; }
depends "$library" 'libc6 \(>= [0-9.]+\), libuv1 \(>= [0-9.]+\)'
depends "$development" "libspawned0 \(= $version\), libuv1-dev"

scratch=$work/root
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$scratch/var/lib/dpkg/info" "$scratch/var/lib/dpkg/updates"
    cp /var/lib/dpkg/status "$scratch/var/lib/dpkg/status"
    in_scratch="dpkg --root=$scratch --no-triggers --force-script-chrootless"
    $in_scratch --install "$library" "$development" >"$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }
else
    in_scratch=""
    dpkg-deb -x "$library" "$scratch"
    dpkg-deb -x "$development" "$scratch"
fi
ls -l "$scratch"/usr/lib/*-linux-gnu*/libspawned.so.0
with_pkg_config "$scratch/usr"
kind=find_package
project -DCMAKE_PREFIX_PATH="$scratch/usr"

if [ -n "$in_scratch" ]; then
    $in_scratch --remove libspawned-dev libspawned0 >"$work/remove.log" 2>&1 || { cat "$work/remove.log"; exit 1; }
    ! find "$scratch" -name '*spawned*' | grep -v /var/lib/dpkg
fi
