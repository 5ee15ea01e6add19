# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the kernel knows a kind of link."""

from __future__ import annotations

import errno
import os
import struct

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _message,
    _netlink,
    _rtnl,
)


def kind_known(kind: str) -> bool:
    """Whether the kernel can make links of a kind. Nothing is made: zero queues are refused, after the kind is found
    (rtnl_create_link()).
    """
    if kind == "tun":
        return os.path.exists("/dev/net/tun")
    info = _netlink.attribute(_rtnl.IFLA_LINKINFO, _netlink.attribute(_rtnl.IFLA_INFO_KIND, kind.encode()))
    with _netlink.opened(None) as sock:
        try:
            _netlink.request(
                sock,
                _rtnl.RTM_NEWLINK,
                _message.LINKS.empty + _netlink.attribute(_rtnl.IFLA_NUM_TX_QUEUES, struct.pack("=I", 0)) + info,
                _rtnl.CREATE,
            )
        except OSError as error:
            return error.errno != errno.EOPNOTSUPP
    return True
