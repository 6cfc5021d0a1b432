#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "expr/template.h"
#include "script/script.h"

namespace slsart::engine {

// Appends texts and files as multipart/form-data (RFC 7578) and returns the boundary, which is
// drawn from the step's random stream and stands in none of the values.
//
//   --BOUNDARY\r\n
//   content-disposition: form-data; name="field"\r\n
//   \r\n
//   value\r\n
//   --BOUNDARY\r\n
//   content-disposition: form-data; name="photo"; filename="cat.png"\r\n
//   content-type: image/png\r\n
//   \r\n
//   the file's bytes\r\n
//   --BOUNDARY--\r\n
//
// The type of a file without `contentType` is told by its name. Errors, in words that may be
// counted: a content type has come out with a line end in it, a file cannot be read.
core::Result<std::string> render_multipart(const std::vector<script::PartTemplate>& parts,
                                           const expr::Scope& scope, std::string& out);

}  // namespace slsart::engine
