package org.posthorn.daemon.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request.
 *
 * @param method in upper case
 * @param path decoded, without query
 * @param query the parameters, each with all its values
 */
record AdminRequest(String method, String path, Map<String, List<String>> query) {
  AdminRequest {
    query = Map.copyOf(query);
  }

  /** Returns the only value of a parameter; throws {@link BadRequest} when it has more. */
  Optional<String> one(String name) {
    var values = all(name);
    if (values.size() > 1) {
      throw new BadRequest("\"" + name + "\" is given twice");
    }
    return values.stream().findFirst();
  }

  /** Returns all values of a parameter. */
  List<String> all(String name) {
    return query.getOrDefault(name, List.of());
  }
}
