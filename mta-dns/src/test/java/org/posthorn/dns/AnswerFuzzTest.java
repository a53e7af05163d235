package org.posthorn.dns;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/** Whatever a name server sends is an answer or a WireParseException. */
class AnswerFuzzTest {
  @FuzzTest
  void readsAnyResponse(byte[] octets) throws Exception {
    var name = Name.fromString("example.org.");
    try {
      var message = ServerExchange.parse(octets, octets.length);
      for (int type : new int[]{Type.MX, Type.A, Type.AAAA, Type.PTR}) {
        AnswerReader.read(new Question(name, type), message);
      }
    } catch (WireParseException _) {
      return; // as nonsense should be
    }
  }
}
