package io.penstock.planted.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;

final class PlantedSerialization {
    static Object read(InputStream in) throws IOException, ClassNotFoundException {
        return new ObjectInputStream(in).readObject();
    }
}
