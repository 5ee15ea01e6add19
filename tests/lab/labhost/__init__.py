# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away Linux hosts to develop, demonstrate and test against."""
