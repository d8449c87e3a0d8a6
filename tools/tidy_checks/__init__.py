# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/tidy, one module for each group of rules."""
