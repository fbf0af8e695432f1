create database labelgate;
create database label_studio;
