// The fields of a sampled packet's headers, under sflowtool's names: of the outermost of each, and
// the whole stack (header_layers.h), which is ours.
#pragma once

#include <cstdint>

#include "sflow/description.h"
#include "sflow/flow_records.h"

namespace fabrix::sflow {

void describe_header(const SampledHeader& header, DescriptionSink& sink);

}  // namespace fabrix::sflow
