#pragma once

#include <string>
#include <vector>

#include "expr/template.h"
#include "script/script.h"

namespace slsart::engine {

// Appends text fields as multipart/form-data (RFC 7578) and returns the boundary, which is drawn
// from the step's random stream and stands in none of the values.
//
//   --BOUNDARY\r\n
//   content-disposition: form-data; name="field"\r\n
//   \r\n
//   value\r\n
//   --BOUNDARY--\r\n
std::string render_multipart(const std::vector<script::FieldTemplate>& fields,
                             const expr::Scope& scope, std::string& out);

}  // namespace slsart::engine
