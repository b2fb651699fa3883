// render_fsms(): the answer to `show fsm` for a terminal.
#pragma once

#include <string>

#include <boost/json/array.hpp>

namespace fabrix::app {

std::string render_fsms(const boost::json::array& fsms);

}  // namespace fabrix::app
