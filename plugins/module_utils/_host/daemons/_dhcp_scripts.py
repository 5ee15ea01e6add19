# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts that DHCP clients call when their lease changes (dhclient-script(8), udhcpc's -s,
dhcpcd-run-hooks(8)).
"""

from __future__ import annotations

DHCLIENT_HOOK = """\
# Written by netloom: dhclient-script(8) reads this before it acts.
make_resolv_conf() { :; }
set_hostname() { :; }
default_route=@DEFAULT_ROUTE@
[ "$default_route" = no ] && new_routers=
# A client that asks while the link-local address is still tentative ends at once.
if [ "$reason" = PREINIT6 ]; then
    ip link set dev "$interface" up
    tries=50
    while [ "$tries" -gt 0 ] && ! ip -6 -o addr show dev "$interface" scope link | grep -v tentative | grep -q fe80; do
        sleep 0.1
        tries=$((tries - 1))
    done
fi
# The stock script flushes every address of the link where only the leased one is meant; declared ones must stay.
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
ip() {
    case "$*" in
        "-4 addr flush dev $interface label $interface") leased=$old_ip_address${old_subnet_mask:+/$old_subnet_mask} ;;
        "-4 addr flush dev $interface") leased=$new_ip_address${new_subnet_mask:+/$new_subnet_mask} ;;
        # Nor does it know a declared address from one that an earlier client left.
        "-6 addr flush dev $interface scope global permanent") return ;;
        *) leased= ;;
    esac
    if [ -n "$leased" ]; then
        command ip -4 addr del "$leased" dev "$interface"
        return
    fi
    for word do
        shift
        [ "$word" = 4294967295 ] && word=4294967294
        set -- "$@" "$word"
    done
    command ip "$@"
}
"""

CLASSLESS_HOOK = """\
# Written by netloom: classless routes (RFC 3442), each a width, the significant bytes of the destination, the gateway.
case "$reason" in
    BOUND|REBOOT) set -- $new_rfc3442_classless_static_routes ;;
    *) set -- ;;
esac
while [ $# -ge 5 ]; do
    width=$1
    shift
    destination=
    for bits in 0 8 16 24; do
        if [ "$bits" -lt "$width" ]; then
            destination=$destination.$1
            shift
        else
            destination=$destination.0
        fi
    done
    gateway="via $1.$2.$3.$4"
    shift 4
    [ "$gateway" = "via 0.0.0.0" ] && gateway=
    if [ "$width" != 0 ] || [ "$default_route" = yes ]; then
        ip -4 route add "${destination#.}/$width" $gateway dev "$interface" >/dev/null 2>&1
    fi
done
: # dhclient would decline the address
"""

UDHCPC_SCRIPT = """\
#!/bin/sh
# Written by netloom: udhcpc's events (its first argument) onto the interface, and into a record.
record=@RECORD@
default_route=@DEFAULT_ROUTE@
life="valid_lft $lease preferred_lft $lease"
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
[ "$lease" = 4294967295 ] && life="valid_lft 4294967294 preferred_lft 4294967294"
command -v ip >/dev/null || { ip() { busybox ip "$@"; }; life=; }
held=$(sed -n 's/^address=//p' "$record" 2>/dev/null)
case "$1" in
    deconfig)
        ip link set dev "$interface" up
        [ -n "$held" ] && ip -4 addr del "$held" dev "$interface"
        rm -f "$record"
        ;;
    bound|renew)
        address="$ip/${mask:-32}"
        [ -n "$held" ] && [ "$held" != "$address" ] && ip -4 addr del "$held" dev "$interface"
        [ -n "$mtu" ] && [ "$mtu" -gt 576 ] && ip link set dev "$interface" mtu "$mtu"
        ip -4 addr replace "$address" ${broadcast:+broadcast "$broadcast"} $life dev "$interface"
        # RFC 3442: with classless routes the routers are ignored.
        if [ -n "$staticroutes" ]; then
            set -- $staticroutes
            while [ $# -ge 2 ]; do
                destination=$1 gateway=$2
                shift 2
                [ "$destination" = 0.0.0.0/0 ] && [ "$default_route" = no ] && continue
                [ "$gateway" = 0.0.0.0 ] && gateway=
                ip -4 route replace "$destination" ${gateway:+via "$gateway"} dev "$interface"
            done
        elif [ -n "$router" ] && [ "$default_route" = yes ]; then
            ip -4 route replace default via "${router%% *}" dev "$interface"
        fi
        umask 022
        printf 'address=%s\\nserver=%s\\nrouters=%s\\ndns=%s\\nlease=%s\\nat=%s\\ndomain=%s\\nmtu=%s\\nroutes=%s\\n' \\
            "$address" "$serverid" "$router" "$dns" "$lease" "$(date +%s)" "$domain" "$mtu" "$staticroutes" \\
            >"$record.new"
        mv "$record.new" "$record"
        ;;
esac
"""

DHCPCD_SCRIPT = """\
#!/bin/sh
# Written by netloom: dhcpcd sets addresses and routes by itself, before it calls this (dhcpcd-run-hooks(8)).
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ "$new_dhcp_lease_time" = 4294967295 ] && command -v ip >/dev/null; then
    ip -4 addr change "$new_ip_address/$new_subnet_cidr" dev "$interface" valid_lft 4294967294 preferred_lft 4294967294
fi
exit 0
"""
