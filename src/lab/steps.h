// The `steps` of lab.yaml.
#pragma once

#include "exchange/yaml_reader.h"
#include "lab/definition.h"

namespace fabrix::lab {

// Fills lab.steps from the list `node`; exchange and routers are there already. Mistakes go to
// `reader`, and what is then in lab.steps is not to be used.
void read_steps(exchange::YamlReader& reader, const exchange::YamlNode& node, Definition& lab);

}  // namespace fabrix::lab
