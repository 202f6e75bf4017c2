package io.penstock.redis;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command of the client made from a {@link Call}: its arguments are copied to the wire in one piece. */
final class RespCommand extends AsyncCommand<byte[], byte[], List<Object>> {
    private RespCommand(ProtocolKeyword name, Args args) {
        super(new Command<>(name, new NestedMultiOutput<>(ByteArrayCodec.INSTANCE), args));
    }

    /** A plain command. */
    static RespCommand plain(String name, Call call) {
        return new RespCommand(new Name(name), new Args(call, new byte[0], 0));
    }

    /** A script by its hash ({@code whole} false) or with its text. */
    static RespCommand script(Script script, Call call, boolean whole) {
        Call head = new Call(whole ? script.source().length + 64 : 96)
                .arg(whole ? script.source() : script.sha())
                .arg(call.keys());
        return new RespCommand(whole ? Name.EVAL : Name.EVALSHA, new Args(call, head.bytes(), head.size()));
    }

    private record Name(String text, byte[] bytes) implements ProtocolKeyword {
        static final Name EVAL = new Name("EVAL");
        static final Name EVALSHA = new Name("EVALSHA");

        Name(String text) {
            this(text, text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public byte[] getBytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final class Args extends CommandArgs<byte[], byte[]> {
        private final Call call;
        private final byte[] head;
        private final int headLength;

        Args(Call call, byte[] head, int headLength) {
            super(ByteArrayCodec.INSTANCE);
            this.call = call;
            this.head = head;
            this.headLength = headLength;
        }

        @Override
        public int count() {
            return call.count() + (headLength == 0 ? 0 : 2);
        }

        @Override
        public ByteBuffer getFirstEncodedKey() {
            return call.firstKey();
        }

        @Override
        public void encode(ByteBuf out) {
            out.writeBytes(head, 0, headLength);
            out.writeBytes(call.bytes(), 0, call.size());
        }
    }
}
