// SPDX-License-Identifier: Apache-2.0
// The same workflows as another component: what is under way may be moved to it.
#define TORTURE_RELEASE "next"
#include "workflows.cc"
