package io.penstock.server.web;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Pictures of pages with the 256 colours that they have most of: a third of the bytes, and nobody sees it. */
final class Palette {
    private static final int MOST = 256;

    /** Bits of each channel that are told apart. */
    private static final int KEPT = 0xf8f8f8;

    private Palette() {}

    static void write(byte[] png, Path to) throws IOException {
        BufferedImage full = ImageIO.read(new ByteArrayInputStream(png));
        Map<Integer, Integer> counts = new HashMap<>();
        Map<Integer, Integer> shown = new HashMap<>();
        for (int rgb : full.getRGB(0, 0, full.getWidth(), full.getHeight(), null, 0, full.getWidth())) {
            counts.merge(rgb & KEPT, 1, Integer::sum);
            shown.putIfAbsent(rgb & KEPT, rgb & 0xffffff);
        }
        List<Integer> colours = counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(MOST)
                .map(entry -> shown.get(entry.getKey()))
                .toList();
        byte[][] channels = new byte[3][colours.size()];
        for (int i = 0; i < colours.size(); i++) {
            for (int c = 0; c < 3; c++) {
                channels[c][i] = (byte) (colours.get(i) >> (16 - 8 * c));
            }
        }
        IndexColorModel model = new IndexColorModel(8, colours.size(), channels[0], channels[1], channels[2]);
        BufferedImage small =
                new BufferedImage(full.getWidth(), full.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, model);
        Map<Integer, Integer> index = new HashMap<>();
        for (int y = 0; y < full.getHeight(); y++) {
            for (int x = 0; x < full.getWidth(); x++) {
                int at = index.computeIfAbsent(full.getRGB(x, y) & KEPT, rgb -> nearest(rgb, colours));
                small.getRaster().setSample(x, y, 0, at);
            }
        }
        ImageIO.write(small, "png", to.toFile());
    }

    private static int nearest(int rgb, List<Integer> colours) {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < colours.size(); i++) {
            int far = 0;
            for (int shift = 0; shift <= 16; shift += 8) {
                int off = (rgb >> shift & 0xf8) - (colours.get(i) >> shift & 0xf8);
                far += off * off;
            }
            if (far < least) {
                least = far;
                best = i;
            }
        }
        return best;
    }
}
