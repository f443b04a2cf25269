// Snapshot, by its name in this folder.
#pragma once

#include "base/snapshot.h"

namespace usher::gateway {
using usher::Snapshot;
}
